"""What may import what, what a class is called, how long a file may be, and what may never be in one."""

import ast
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("metadata", "benchmarks", "export", "android_app")
HEAVY = frozenset({"tensorflow", "keras", "tensorflow_lite_support", "tflite_support"})
LONGEST_FILE_LINES = 250
# Scripts that run in another TensorFlow's Python.
STANDALONE = ("metadata/probe_runtime.py", "metadata/probe_types.py", "benchmarks/evaluation/run_in_runtime.py")
KERAS = "benchmarks/evaluation/desktop.py"  # beside export, the only one that runs Keras models and TensorFlow graphs


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_go_one_way() -> None:
    """The contracts stand in pyproject.toml under [tool.importlinter]."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in sources(room):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(name_of(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_importing_any_module_loads_no_tensorflow() -> None:
    """It costs seconds, so it is imported inside the functions that use it. One process imports every module."""
    files = [name_of(path) for room in ROOMS for path in sources(room)]
    modules = [
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in files
        if file not in (*STANDALONE, "metadata/support_library.py")
    ]
    script = (
        f"import importlib, sys\nfor module in {modules!r}: importlib.import_module(module)\n"
        f"print(sorted({set(HEAVY)} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_tensorflow_is_imported_for_keras_and_for_conversion_only() -> None:
    """Models run in LiteRT: no file of `benchmarks` or `metadata` needs TensorFlow but those that are named above."""
    found = {name_of(path) for room in ("benchmarks", "metadata") for path in sources(room) if imported(path) & HEAVY}
    assert found == {*STANDALONE, KERAS}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, inside its functions too."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_python_or_kotlin_file_is_longer_than_one_can_read(room: str) -> None:
    files = [*sources(room), *(ROOT / room).rglob("*.kt")]
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_no_committed_file_names_a_registry_or_a_place_on_this_machine() -> None:
    """Written in pieces, so that this file does not name them either."""
    # `--no-emit-index-url` keeps an address out of the lock and is the one place where the words may stand.
    registries = ("pypi" + r"\.org", "files\\.python" + "hosted", "(?<!--no-emit-)index" + "-url")
    places = ("/ro" + "ot/", "/ho" + r"me/\w", "/wo" + "rk/", "/tm" + "p/w", str(Path.home()) + "/")
    forbidden = re.compile("|".join((*registries, *places)).encode())
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nobody knows which files are committed")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        found = forbidden.search(path.read_bytes()) if path.is_file() else None
        assert found is None, f"{name}: {found.group() if found else b''!r}"
