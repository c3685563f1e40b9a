"""What may import what, how long a file may be, and what may never be in one."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("metadata", "benchmarks", "export", "android_app")
HEAVY = frozenset({"tensorflow", "keras", "tensorflow_lite_support", "tflite_support"})
LONGEST_FILE_LINES = 250

# The one module that touches Google's native library, and the two scripts that run in another TensorFlow's Python.
AT_ONCE = {
    "metadata/support_library.py": {"tensorflow_lite_support"},
    "metadata/probe_runtime.py": {"tensorflow"},
    "export/run_in_runtime.py": {"numpy", "tensorflow"},
}
EXPORT_USES = {"benchmarks.stats", "benchmarks.inputs", "benchmarks.desktop", "benchmarks.errors"}
# … and where things lie, how numbers are written, and what keeps libraries off the terminal: both rooms need these.
EXPORT_USES |= {"benchmarks.places", "benchmarks.figures", "benchmarks.silence"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether it is imported when the file is), for every import statement of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    late = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node not in late) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module, node not in late
            # `from benchmarks import inputs` imports benchmarks.inputs.
            if module in ROOMS:
                yield from ((f"{module}.{name.name}", node not in late) for name in node.names)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_metadata_needs_no_other_room_and_no_tensorflow() -> None:
    for path in sources("metadata"):
        roots = {module.split(".")[0] for module, _ in imported(path)}
        assert not roots & ({"export", "benchmarks"} | HEAVY) - AT_ONCE.get(name_of(path), set()), path


def test_benchmarks_needs_nothing_of_export() -> None:
    for path in sources("benchmarks"):
        assert "export" not in {module.split(".")[0] for module, _ in imported(path)}, path


def test_export_uses_of_benchmarks_only_its_instruments() -> None:
    for path in sources("export"):
        used = {module for module, _ in imported(path) if module.startswith("benchmarks.")}
        assert used <= EXPORT_USES, path


def test_tensorflow_is_imported_where_it_is_used_and_never_where_a_module_is() -> None:
    for room in ROOMS:
        for path in sources(room):
            early = {module.split(".")[0] for module, at_once in imported(path) if at_once}
            assert not early & HEAVY - AT_ONCE.get(name_of(path), set()), path


@pytest.mark.parametrize(
    "modules",
    [
        "import metadata, export, benchmarks",
        "import metadata.__main__, metadata.writer, metadata.check, metadata.bindings",
        "import export.__main__; from export import recipes; [recipes.find(name) for name in recipes.names()]",
        "import benchmarks.stats, benchmarks.inputs, benchmarks.errors",
        "import benchmarks.explain.command, benchmarks.explain.attach",
    ],
)
def test_importing_a_room_loads_no_tensorflow(modules: str) -> None:
    script = f"{modules}; import sys; print(sorted({set(HEAVY)} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_python_file_is_longer_than_one_can_read(room: str) -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in sources(room)}
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
