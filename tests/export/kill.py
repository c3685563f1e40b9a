"""Kill exports with SIGKILL, before every change to a file and at seeded moments; print what was not whole afterwards.

`python -m tests.export.kill SCENARIO FOLDER` forks one process a kill. It prints one JSON object: how many kills
there were, and a list of complaints.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import export.__main__ as command
from benchmarks.formats.catalog import CATALOG_FILE as CATALOG
from benchmarks.formats.models_file import MANIFEST
from export.output.store import Store
from metadata.hashes import sha256_of
from tests.export import stand_in

TOUCHES = frozenset(
    [
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.mkdir",
        "os.symlink",
        "os.truncate",
        "shutil.copyfile",
        "shutil.rmtree",
        "tempfile.mkdtemp",
    ]
)
RANDOM_KILLS = 10
# What happens to a folder that holds generation 0 of seed 0; None: it does not exist yet.
SCENARIOS = {"first": None, "changed": ["--seed", "1"], "forced": ["--force"]}


class Killing:
    """Folders below `root`, and the export that is killed in them."""

    def __init__(self, scenario: str, root: Path) -> None:
        self.scenario = scenario
        self.before, self.work = root / "before", root / "work"
        self.arguments = ["digits_cnn", *(SCENARIOS[scenario] or [])]

    def run(self, arguments: list[str], generation: int, prepare: Callable[[], None] = lambda: None) -> int | None:
        """Export in a child process; its exit code, or None when it was killed."""
        child = os.fork()
        if child == 0:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            stand_in.Generation.number = generation
            prepare()
            places = ["--out", str(self.work / "models"), "--assets", str(self.work / "assets")]
            os._exit(command.main([*arguments, *places]))
        _, status = os.waitpid(child, 0)
        return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)

    def reset(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        if self.before.is_dir():
            shutil.copytree(self.before, self.work, symlinks=True)

    def start(self) -> None:
        """Make the state that the killed export finds."""
        if SCENARIOS[self.scenario] is None:
            return
        assert self.run(["digits_cnn"], 0) == 0
        self.work.rename(self.before)

    def whole(self) -> Iterator[str]:
        """What is wrong with manifest or catalogue; nothing is said of either where there is none yet."""
        models, assets = self.work / "models", self.work / "assets"
        had = self.before.is_dir()
        if had and not (models / MANIFEST).exists():
            yield "the manifest is gone"
        for record in Store(models).records.values():
            damaged = Store(models).damaged(record)
            if damaged is not None:
                yield f"the manifest names {damaged.name}, which is not whole"
        if had and not (assets / CATALOG).exists():
            yield "the catalogue is gone"
        if (assets / CATALOG).exists():
            for entry in json.loads((assets / CATALOG).read_text())["models"]:
                path = assets / entry["path"]
                if not path.is_file() or sha256_of(path) != entry["sha256"]:
                    yield f"the catalogue names {entry['path']}, which is not whole"

    def healed(self) -> Iterator[str]:
        """What is wrong after one more run, undisturbed."""
        if (code := self.run(self.arguments, 2)) != 0:
            yield f"the next run ends with {code}"
            return
        yield from self.whole()
        models, assets = self.work / "models", self.work / "assets"
        store = Store(models)
        record = store.records["digits_cnn"]
        expected = {MANIFEST, ".lock", "digits_cnn", record.folder}
        if (found := {path.name for path in models.iterdir()}) != expected:
            yield f"models holds {sorted(found)}"
        if (models / "digits_cnn").readlink() != Path(record.folder):
            yield "the link leads elsewhere"
        entries = json.loads((assets / CATALOG).read_text())["models"]
        if (found := {path.name for path in assets.iterdir()}) != {CATALOG, *(entry["path"] for entry in entries)}:
            yield f"assets holds {sorted(found)}"

    def touch_killer(self, count: int) -> Callable[[], None]:
        """A hook that kills the process just before it changes the file system for the count-th time."""
        left = [count]

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in TOUCHES or (event == "open" and _writes(arguments)):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        return lambda: sys.addaudithook(hook)

    def alarm_killer(self, after_s: float) -> Callable[[], None]:
        """A clock that kills the process."""

        def prepare() -> None:
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, after_s)

        return prepare

    def kills(self) -> Iterator[tuple[str, int | None]]:
        """(which kill, exit code) of every killed run, the folder as it left it."""
        started = time.monotonic()
        self.reset()
        self.run(self.arguments, 1)
        duration_s = time.monotonic() - started
        code: int | None = None
        count = 0
        while code is None:
            count += 1
            self.reset()
            code = self.run(self.arguments, 1, self.touch_killer(count))
            yield f"touch {count}", code
        moments = random.Random(7)  # noqa: S311 - moments, not secrets
        for kill in range(RANDOM_KILLS):
            self.reset()
            moment_s = moments.uniform(0.001, duration_s)
            yield f"moment {kill}", self.run(self.arguments, 1, self.alarm_killer(moment_s))


def _writes(opened: tuple[object, ...]) -> bool:
    _, _, flags = opened
    return isinstance(flags, int) and flags & os.O_ACCMODE != os.O_RDONLY


def main(scenario: str, folder: Path) -> None:
    stand_in.install(folder)
    killing = Killing(scenario, folder)
    killing.start()
    complaints, killed = [], 0
    for name, code in killing.kills():
        killed += code is None
        complaints += [f"{name}: {complaint}" for complaint in (*killing.whole(), *killing.healed())]
    print(json.dumps({"killed": killed, "complaints": complaints}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
