"""Where things lie: below this repository what is built and measured, below the user's cache what outlives it."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "android_app" / "app" / "src" / "main" / "assets" / "models"


@dataclass(frozen=True, slots=True)
class Build:
    """The folder of everything that can be made again, save the results in it."""

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
    """A path as a person in this folder would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
