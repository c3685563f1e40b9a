"""Where things lie: below this repository what is built and measured, below the user's cache what outlives it."""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODELS = ROOT / "build" / "models"
REFERENCES = ROOT / "build" / "references"
ARCHIVES = ROOT / "build" / "archives"
RESULTS = ROOT / "build" / "results"
LOGS = ROOT / "build" / "logs"
APK = ROOT / "build" / "handset-debug.apk"
ASSETS = ROOT / "android_app" / "app" / "src" / "main" / "assets" / "models"


def cache_folder() -> Path:
    """`HANDSET_CACHE`, or `~/.cache/handset`."""
    given = os.environ.get("HANDSET_CACHE")
    return Path(given).expanduser() if given else Path.home() / ".cache" / "handset"


def short(path: Path) -> str:
    """A path as a person in this folder would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
