"""`python -m requirements.resolve`: lock each set of packages, and check that every platform has a wheel of each.

A set is one file of pinned and hashed packages: `export.lock` has those of pyproject.toml's dependencies, each other
one those of its dependency group, in the versions of the sets before it. platforms.json says which platform can install
which set, and names each file by its hash.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.console.places import LOCKED_UV, ROOT
from metadata.hashes import sha256_of

FOLDER = ROOT / "requirements"
MATRIX = FOLDER / "platforms.json"
SETS = ("export", "test", "lint", "apk", "uv")
PLATFORMS = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux aarch64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
}
"""Names for people, and uv's."""
SOURCE_ONLY = frozenset({"adb-shell"})
"""Packages that have no wheel at all, pure Python."""
PINNED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
OK = "ok"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m requirements.resolve", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    options = parser.parse_args()
    matrix: dict[str, dict[str, object]] = {}
    works = True
    for number, name in enumerate(SETS):
        lock(name, SETS[:number], upgrade=options.upgrade)
        answers = {platform: check(name, target) for platform, target in PLATFORMS.items()}
        works &= set(answers.values()) == {OK}
        packages = len(PINNED.findall(lock_of(name).read_text("utf-8")))
        matrix[name] = {"sha256": sha256_of(lock_of(name)), "packages": packages, "platforms": answers}
        print(f"{name:<8}{packages:>3} packages  {'  '.join(f'{one}: {answer}' for one, answer in answers.items())}")
    MATRIX.write_text(json.dumps(matrix, indent=2) + "\n", encoding="utf-8")
    return int(not works)


def lock_of(name: str) -> Path:
    """The file of a set."""
    return FOLDER / f"{name}.lock"


def lock(name: str, earlier: Sequence[str], *, upgrade: bool) -> None:
    """Resolve a set for all platforms into its file; without `upgrade`, what is there keeps its version."""
    wanted = ["pyproject.toml"] if name == "export" else ["--group", name]
    constraints = [word for other in earlier for word in ("--constraint", f"requirements/{other}.lock")]
    options = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"]
    command = ["pip", "compile", "--quiet", "--python-version", "3.11", *options, *constraints]
    uv([*command, *(["--upgrade"] if upgrade else []), *wanted, "--output-file", f"requirements/{name}.lock"])


def check(name: str, target: str) -> str:
    """`ok` when the platform has a wheel of every package of the set, else uv's reason."""
    packages = set(PINNED.findall(lock_of(name).read_text("utf-8")))
    wheels_only = [word for package in sorted(packages - SOURCE_ONLY) for word in ("--only-binary", package)]
    with TemporaryDirectory() as folder:
        command = ["pip", "install", "--dry-run", "--quiet", "--target", folder, "--python", sys.executable]
        command += ["--python-platform", target, "--python-version", "3.11", "--require-hashes", *wheels_only]
        return uv([*command, "--requirement", f"requirements/{name}.lock"], check=False) or OK


def uv(arguments: Sequence[str], *, check: bool = True) -> str:
    """Run the locked uv with pyproject.toml's [tool.uv] in effect; what it says is wrong, empty where nothing is."""
    command = ["env", "UV_NO_CONFIG=false", *LOCKED_UV, *arguments]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if check and done.returncode != 0:
        sys.exit(done.stderr)
    return " ".join(done.stderr.split()) if done.returncode != 0 else ""


if __name__ == "__main__":
    sys.exit(main())
