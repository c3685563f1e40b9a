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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.setup.cases import CASES, Case

ROOT = Path(__file__).parents[2]
SECONDS = 1500
HELP = [".venv/bin/python", "-m", "export", "--help"]


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
    with tempfile.TemporaryDirectory(prefix="handset-setup-") as temporary:
        work = Path(temporary)
        work.chmod(0o755)
        chosen = [name for name in CASES if not options.cases or any(word in name for word in options.cases)]
        wrong = sum(not show(name, work) for name in chosen)
    return int(wrong > 0)


def show(name: str, work: Path) -> bool:
    """Carry out one case and print its row; whether it went as it should."""
    with CASES[name](work) as case:
        if case is None:
            print(f"{'-':<6}{name:<32}         not on this computer", flush=True)
            return True
        outcome = run(case, work)
    mark = "ok" if outcome.is_right else "WRONG"
    print(f"{mark:<6}{name:<32}{outcome.seconds:>5.0f} s  {outcome.text}", flush=True)
    return outcome.is_right


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
