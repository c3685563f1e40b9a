"""The kit on Linux for arm64, for real: its locked packages in the emulated interpreter of `make arm64`.

TensorFlow is left out: large, and slow where every instruction is emulated. Tests that ask it, or Google's
tflite-support, skip there.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.console.places import LOCKED_UV
from benchmarks.runners.arm64.environment import EmulationError, is_arm64, missing, prepare
from tests.metadata.conftest import TINY_MODELS
from tests.test_architecture import ROOMS, STANDALONE, name_of, sources

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(is_arm64(), reason="this machine is arm64: every test runs on it"),
]
ROOT = Path(__file__).parents[2]
SETS = ("export", "test")
LEFT_OUT = frozenset(
    {
        *("tensorflow", "tf-keras", "keras", "tensorboard", "tensorboard-data-server", "libclang", "grpcio", "h5py"),
        *("ml-dtypes", "optree", "wrapt"),
    }
)
"""TensorFlow, and what is large and needed by it alone."""
TESTS = ("tests/metadata", "tests/benchmarks/formats")
MADE_BY_KERAS = "tests/benchmarks/formats/test_manifest.py"
"""Its fixture exports a Keras model."""
SAME_EVERYWHERE = (
    "mutated_model or any_json or more_entries or every_field_comes_back or cut_off_anywhere or cut_anywhere"
)
"""Tests that give thousands of random or broken files to Python alone, with no number that a processor computes."""
EMULATED_S = 1800.0


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script that is Python for arm64 with the locked packages, for its child processes too."""
    if (lack := missing()) is not None:
        pytest.skip(lack)
    try:
        environment = prepare(lambda _line: None)
    except EmulationError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("arm64")
    install(folder)
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(environment.command)} "$@"\n')
    program.chmod(0o755)
    return program


def install(folder: Path) -> None:
    """The locked packages for arm64 into `folder`/site, each checked by its hash."""
    locks = [(ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8") for name in SETS]
    blocks = re.split(r"\n(?=\S)", "".join(locks))
    kept = [block for block in blocks if block.partition("==")[0] not in LEFT_OUT]
    wanted = folder / "requirements.txt"
    wanted.write_text("\n".join(kept), encoding="utf-8")
    platform = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11"]
    command = [*LOCKED_UV, "pip", "install", "--quiet", *platform, "--target", str(folder / "site"), "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--requirement", str(wanted)], check=True)
    (folder / "site" / "sitecustomize.py").write_text(f"import sys\nsys.executable = {str(folder / 'python')!r}\n")


def run(python: Path, *arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The emulated Python, in the repository, with nothing of this machine's Python."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(python.parent),
        "PYTHONPATH": f"{python.parent / 'site'}{os.pathsep}{ROOT}",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPYCACHEPREFIX": str(python.parent / "bytecode"),
        **variables,
    }
    command = [str(python), *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=EMULATED_S, check=False
    )


def test_every_module_is_imported(python: Path) -> None:
    files = [name_of(path) for room in ROOMS for path in sources(room)]
    modules = [
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files if file not in STANDALONE
    ]
    script = (
        "import importlib, platform, sys\n"
        f"for module in {modules!r}: importlib.import_module(module)\n"
        "print(platform.machine(), len(sys.argv))"
    )
    done = run(python, "-c", script)
    assert (done.stdout, done.stderr) == ("aarch64 1\n", "")


def test_metadata_and_formats_are_as_on_this_machine(python: Path, tiny: Mapping[str, bytes], tmp_path: Path) -> None:
    for name, model in tiny.items():
        (tmp_path / f"{name}.tflite").write_bytes(model)
    options = ["-q", "-p", "no:cacheprovider", "-m", "not thorough", f"--basetemp={tmp_path / 'base'}"]
    options += ["-k", f"not ({SAME_EVERYWHERE})"]
    done = run(python, "-m", "pytest", *options, *TESTS, f"--ignore={MADE_BY_KERAS}", **{TINY_MODELS: str(tmp_path)})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
