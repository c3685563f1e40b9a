"""Platform, Python and packages here, and whether more can be installed, each as a fact with its findings."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.console.places import ROOT
from benchmarks.phones.checkup import Check
from metadata.finding import error, warning

PLATFORMS = ("Linux x86_64", "Linux aarch64", "Darwin arm64")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)([^\\\n]*)", re.MULTILINE)
REMEDY = "delete .venv and run make setup"
QUICKLY = {
    "UV_HTTP_TIMEOUT": "5",
    "UV_HTTP_CONNECT_TIMEOUT": "5",
    "UV_HTTP_RETRIES": "0",
    "PIP_TIMEOUT": "5",
    "PIP_RETRIES": "0",
}
"""The doctor does not wait for a package index that is silent."""


def check_installation() -> Iterator[Check]:
    """Platform, Python, packages, certificates, uv and package index."""
    yield check_platform(platform.system(), platform.machine(), platform.release())
    yield check_python(sys.version_info[:3])
    installed = {_normalized(package.name): package.version for package in metadata.distributions()}
    yield check_lock(_locks(ROOT), installed)
    yield from check_index(ROOT)


def check_platform(system: str, machine: str, release: str) -> Check:
    """One of the platforms that the packages are locked for. `release` is the kernel's, by which WSL is known."""
    fact = f"{system} {machine}"
    summary, remedy = (
        f"nothing is promised on {fact}",
        "use Linux x86_64, Linux aarch64 or macOS arm64; on Windows: WSL2",
    )
    other = error("PLATFORM", summary, remedy)
    known = fact + (", WSL" if "microsoft" in release.lower() else "")
    return Check("platform", known, () if fact in PLATFORMS else (other,))


def check_python(version: Sequence[int]) -> Check:
    """Python 3.11 exactly."""
    text = ".".join(map(str, version))
    other = error("PYTHON-VERSION", f"Python is {text}, tested is 3.11", REMEDY)
    return Check("Python", text, () if tuple(version[:2]) == (3, 11) else (other,))


def _locks(root: Path) -> str | None:
    """The locked packages of every set that is installed, `export` first; None where its file is missing."""
    first = root / "requirements" / "export.lock"
    if not first.is_file():
        return None
    added = [path for path in sorted(first.parent.glob("*.lock")) if (root / f".venv/.ready-{path.stem}").is_file()]
    return "\n".join(path.read_text(encoding="utf-8") for path in (first, *added))


def check_lock(lock: str | None, installed: Mapping[str, str]) -> Check:
    """Whether the installed packages are those of the lock; packages for other systems may be missing."""
    if lock is None:
        summary = "requirements/export.lock is missing"
        return Check("packages", "no lock", (error("NO-LOCK", summary, "check it out again"),))
    # A set after the first names some of the first set's packages again, perhaps for one platform only.
    wanted: dict[str, tuple[str, bool]] = {}
    for name, version, marker in LOCKED.findall(lock):
        wanted.setdefault(_normalized(name), (version, bool(marker.strip())))
    wrong = [
        f"{name} {installed.get(name, 'missing')} instead of {version}"
        for name, (version, conditional) in wanted.items()
        if installed.get(name, version if conditional else None) != version
    ]
    drift = error("LOCK-DRIFT", f"not as locked: {', '.join(wrong[:5])}", REMEDY)
    return Check("packages", f"{len(wanted) - len(wrong)} of {len(wanted)} as locked", (drift,) if wrong else ())


def check_index(root: Path) -> Iterator[Check]:
    """Certificates, uv and package index, as setup.sh finds them; the first that fails is the last that is told.

    None of them is needed until a set of packages is installed, so what is wrong with them is a warning.
    """
    command = ["sh", str(root / "setup.sh"), "--check"]
    done = subprocess.run(command, env={**os.environ, **QUICKLY}, capture_output=True, text=True, check=False)
    facts = dict(line.split("=", 1) for line in done.stdout.splitlines())
    lines = done.stderr.splitlines() or [""]
    summary, _, remedy = lines[-1].removeprefix("setup: ").rpartition("; ")
    certificates = warning("CERTIFICATES", summary, remedy)
    uv, index = warning("NO-UV", summary, remedy), warning("INDEX-UNREACHABLE", summary, remedy)
    for name, finding in (("certificates", certificates), ("uv", uv), ("index", index)):
        if name not in facts:
            yield Check(name, "none", (finding,))
            return
        yield Check(name, facts[name])


def _normalized(name: str) -> str:
    """A package's name as package managers compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
