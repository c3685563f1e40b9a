"""Where files are: what is built and measured below this repository, what is kept longer in the user's cache."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "android_app" / "app" / "src" / "main" / "assets" / "models"
LOCKED_UV = ("sh", str(ROOT / "setup.sh"), "--uv")
"""Runs the uv of requirements/uv.lock with the index and certificates of set-up; fetches it where it is missing."""


@dataclass(frozen=True, slots=True)
class Build:
    """The folder of exported models, references, results, logs and the APK. All but the results can be made again."""

    root: Path = ROOT / "build"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def references(self) -> Path:
        return self.root / "references"

    @property
    def archives(self) -> Path:
        return self.root / "archives"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def apk(self) -> Path:
        return self.root / "handset-debug.apk"


BUILD = Build()


def add_build_option(parser: argparse.ArgumentParser) -> None:
    """`--build`: another build folder than this repository's."""
    parser.add_argument(
        "--build",
        type=lambda text: Build(Path(text).resolve()),
        default=BUILD,
        metavar="DIR",
        help="exported models, results, references (default: build)",
    )


def cache_folder() -> Path:
    """`HANDSET_CACHE`, or `~/.cache/handset`."""
    given = os.environ.get("HANDSET_CACHE")
    return Path(given).expanduser() if given else Path.home() / ".cache" / "handset"


def short(path: Path) -> str:
    """A path as its user would type it: relative where it is below the current folder."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
