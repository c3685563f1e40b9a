"""The computers that `make test-setup` sets up: which uv and Python they have, their network, folder and home."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.setup.machine import NOWHERE, link_tools, network_variables, only_through, package_index, path_without

ROOT = Path(__file__).parents[2]
EXPORT = ("make", "export", "RECIPES=digits_cnn")
CUT_OFF = {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "PIP_RETRIES": "0"}
NO_NETWORK = r"setup: uv could not be fetched \(pip: https://[\w.]+/.*(refused|proxy).*\); connect, or name your proxy"


@dataclass(frozen=True, slots=True)
class Case:
    """One computer, and what set-up should do there."""

    path: str
    environment: Mapping[str, str] = field(default_factory=network_variables)
    folder: str = "kit"
    command: Sequence[str] = ("make", "setup")
    shares_downloads: bool = False
    home_is_closed: bool = False
    failure: str | None = None
    """What setup's line may be in place of success."""
    must_fail: bool = False


@contextmanager
def with_uv(version: str, work: Path) -> Iterator[Case]:
    """This release of uv comes first on PATH; it only fetches the locked one."""
    folder = fetch_uv(work, version)
    yield Case(f"{folder}:{path_without('uv')}", shares_downloads=True)


@contextmanager
def with_uv_alone(work: Path) -> Iterator[Case]:
    """No Python is there, so that uv has to fetch one, from a host that not every network reaches."""
    tools = link_tools(work / "uv-alone")
    (tools / "uv").symlink_to(fetch_uv(work, "0.9.*") / "uv")
    failure = r"setup: uv could not be fetched \(uv 0\.9\.\d+: .*https://[\w.]+/.*\); connect, or name your proxy"
    yield Case(str(tools), failure=failure)


@contextmanager
def with_newer_python_alone(work: Path) -> Iterator[Case | None]:
    """Python 3.12 or 3.13 with pip: enough to fetch uv, which has to fetch Python 3.11."""
    newer = newer_python()
    tools = link_tools(work / "newer")
    if newer is not None:
        (tools / "python3").symlink_to(newer)
    failure = r"setup: Python 3\.11 is not here and uv could not fetch it \(.*https://[\w.]+/.*\); connect, or name"
    yield None if newer is None else Case(str(tools), failure=failure, shares_downloads=True)


def system_certificates() -> Case:
    """No variable and no configuration of pip names certificates."""
    network = {name: value for name, value in network_variables().items() if "CERT" not in name and "_CA_" not in name}
    return Case(path_without("uv"), {**network, "PIP_CONFIG_FILE": os.devnull})


@contextmanager
def with_mirror(work: Path) -> Iterator[Case]:
    """Nothing answers but an index on loopback, which pip's variable names."""
    fetch_packages(work / "packages")
    with package_index(work / "packages") as address:
        yield Case(path_without("uv"), only_through(address))


def fetch_uv(work: Path, version: str) -> Path:
    """The folder with the program of this release of uv, fetched with this environment's pip."""
    folder = work / f"uv-{version.strip('.*') or 'newest'}"
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", folder, f"uv=={version}" if version else "uv"], check=True)
    return folder / "bin"


def fetch_packages(folder: Path) -> None:
    """Every file that set-up would ask an index for, on this platform."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    locks = [word for name in ("export", "uv") for word in ("--requirement", ROOT / "requirements" / f"{name}.lock")]
    subprocess.run([*pip, "--require-hashes", "--dest", folder, *locks], check=True)


def newer_python() -> Path | None:
    """A Python 3.12 or 3.13 with pip, on PATH or among pyenv's; None where there is none."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = [Path(found) for name in ("python3.13", "python3.12") if (found := shutil.which(name))]
    for program in (*on_path, *versions.glob("3.1[23]*/bin/python3")):
        if subprocess.run([program, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
            return program
    return None


CASES: Mapping[str, Callable[[Path], AbstractContextManager[Case | None]]] = {
    "uv 0.4.30": partial(with_uv, "0.4.30"),
    "uv 0.7": partial(with_uv, "0.7.*"),
    "uv 0.9": partial(with_uv, "0.9.*"),
    "uv, newest": partial(with_uv, ""),
    "no uv, make export": lambda _: nullcontext(Case(path_without("uv"), command=EXPORT)),
    "certificates of the system only": lambda _: nullcontext(system_certificates()),
    "PIP_INDEX_URL only": with_mirror,
    "folder 내 프로젝트/kit": lambda _: nullcontext(
        Case(path_without("uv"), folder="내 프로젝트/kit", shares_downloads=True)
    ),
    "read-only home": lambda _: nullcontext(Case(path_without("uv"), home_is_closed=True)),
    "Python 3.12 or 3.13 only": with_newer_python_alone,
    "uv 0.9 and no Python": with_uv_alone,
    "no network": lambda _: nullcontext(Case(path_without("uv"), CUT_OFF, failure=NO_NETWORK, must_fail=True)),
}
