"""`make test-setup`: set-up from fresh clones, with each uv or none, and on networks and folders that are not as usual.

Each case has a clone of the last commit, an empty home and empty caches of its own. Where only the uv or the folder
differs, the packages come from one cache of downloads for all, but not before the locked uv was fetched without it.
"""

import argparse
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.setup.machine import NOWHERE, link_tools, network_variables, only_through, package_index, path_without

ROOT = Path(__file__).parents[2]
SECONDS = 1500
HELP = [".venv/bin/python", "-m", "export", "--help"]
NEWER_PYTHONS = ("python3.13", "python3.12")


@dataclass(frozen=True, slots=True)
class Case:
    """One computer, and what set-up should do there."""

    name: str
    path: str
    environment: Mapping[str, str] = field(default_factory=network_variables)
    folder: str = "kit"
    command: Sequence[str] = ("make", "setup")
    shares_downloads: bool = False
    home_is_closed: bool = False
    failure: str | None = None
    """What setup's line may be in place of success."""
    must_fail: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened: whether that is right, what set-up said last, and how long it took."""

    is_right: bool
    text: str
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.setup", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", help="only those whose name contains one of these words")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="handset-setup-") as temporary:
        work = Path(temporary)
        work.chmod(0o755)
        for case in cases(work):
            if options.cases and not any(word in case.name for word in options.cases):
                continue
            outcome = run(case, work)
            wrong += not outcome.is_right
            mark = "ok" if outcome.is_right else "WRONG"
            print(f"{mark:<6}{case.name:<34}{outcome.seconds:>4.0f} s  {outcome.text}", flush=True)
    return int(wrong > 0)


def cases(work: Path) -> Iterator[Case]:
    """Every case; what it needs is fetched when its turn comes."""
    without_uv = path_without("uv")
    for version in ("0.4.30", "0.7.*", "0.9.*", ""):
        folder = work / f"uv-{version.strip('.*') or 'newest'}"
        fetch(folder, f"uv=={version}" if version else "uv")
        title = subprocess.run([folder / "bin" / "uv", "--version"], capture_output=True, text=True, check=True).stdout
        yield Case(" ".join(title.split()[:2]), f"{folder / 'bin'}:{without_uv}", shares_downloads=True)
    command = ("make", "export", "RECIPES=digits_cnn")
    yield Case("no uv, make export", without_uv, command=command)
    system_store = {
        name: value for name, value in network_variables().items() if "CERT" not in name and "_CA_" not in name
    }
    yield Case("certificates of the system alone", without_uv, {**system_store, "PIP_CONFIG_FILE": os.devnull})
    yield Case("a folder with blank and Hangul", without_uv, folder="내 프로젝트/kit", shares_downloads=True)
    yield Case("a home that is read-only", without_uv, home_is_closed=True)
    packages = work / "packages"
    fetch_packages(packages)
    with package_index(packages) as address:
        yield Case("a mirror in PIP_INDEX_URL alone", without_uv, only_through(address))
        newer = next(filter(None, map(real_python, NEWER_PYTHONS)), None)
        if newer is not None:
            tools = link_tools(work / "newer")
            (tools / "python3").symlink_to(newer)
            failure = r"setup: Python 3\.11 is not here and uv could not fetch it \(.*https://[\w.]+/.*\); connect, or "
            yield Case(f"{newer.name} alone", str(tools), failure=failure, shares_downloads=True)
    failure = r"setup: uv could not be fetched \(pip: https://[\w.]+/.*(refused|proxy).*\); connect, or name your proxy"
    cut = {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "PIP_RETRIES": "0"}
    yield Case("no network", without_uv, cut, failure=failure, must_fail=True)


def fetch(folder: Path, requirement: str) -> None:
    """Install one package into a folder, with this environment's pip."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", folder, requirement], check=True)


def fetch_packages(folder: Path) -> None:
    """Every file that set-up would ask an index for, on this platform."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    locks = [word for name in ("export", "uv") for word in ("--requirement", ROOT / "requirements" / f"{name}.lock")]
    subprocess.run([*pip, "--require-hashes", "--dest", folder, *locks], check=True)


def real_python(name: str) -> Path | None:
    """The interpreter behind a name on PATH, which may be a version manager's script; None where there is none."""
    program = shutil.which(name)
    if program is None:
        return None
    ask = [program, "-c", "import sys; print(sys.executable)"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def run(case: Case, work: Path) -> Outcome:
    """Carry out one case in a folder of its own, which is deleted afterwards."""
    place = Path(tempfile.mkdtemp(dir=work))
    clone, home = place / case.folder, place / "home"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    home.mkdir()
    place.chmod(0o755)
    environment = {"PATH": case.path, "HOME": str(home), "LANG": "C.UTF-8", **case.environment}
    user = None
    if case.home_is_closed:
        home.chmod(0o555)
        if os.getuid() == 0:  # root may write anywhere
            user = "nobody"
            for path in (clone, *clone.rglob("*")):
                os.chown(path, pwd.getpwnam(user).pw_uid, -1, follow_symlinks=False)
        environment["HANDSET_CACHE"] = str(clone / "build" / "cache")

    def done(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=clone, env=environment, user=user, timeout=SECONDS, capture_output=True, text=True, check=False
        )

    start = time.monotonic()
    outcome = None
    if case.shares_downloads:
        outcome = done(["sh", "setup.sh", "--uv", "--version"])
        environment["UV_CACHE_DIR"] = str(work / "cache")
    if outcome is None or outcome.returncode == 0:
        outcome = done(case.command)
    if outcome.returncode == 0:
        outcome = done(HELP)
    seconds = time.monotonic() - start
    home.chmod(0o755)
    shutil.rmtree(place)
    return judge(case, outcome, seconds)


def judge(case: Case, done: subprocess.CompletedProcess[str], seconds: float) -> Outcome:
    """Right is that the kit's help is shown, or that set-up's line is one that the case allows."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make: ")] or [""]
    if done.returncode == 0:
        return Outcome(lines[0].startswith("usage: ") and not case.must_fail, "works", seconds)
    is_told = case.failure is not None and re.match(case.failure, lines[-1]) is not None
    return Outcome(is_told, lines[-1], seconds)


if __name__ == "__main__":
    sys.exit(main())
