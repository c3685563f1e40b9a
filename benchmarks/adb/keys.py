"""This computer's adb key: the one in ~/.android that adb itself uses, so that a phone asks only once for both."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from adb_shell.auth.keygen import keygen, write_public_keyfile
from adb_shell.auth.sign_cryptography import CryptographySigner

from benchmarks.adb.errors import UnauthorisedError


class Signer(Protocol):
    """adb-shell's signers: a private key, and its public half as adb writes it."""

    def Sign(self, data: bytes) -> bytes: ...  # noqa: N802  # adb-shell's name

    def GetPublicKey(self) -> bytes | str: ...  # noqa: N802  # adb-shell's name


def load_keys() -> list[Signer]:
    """The key, made if there is none. UnauthorisedError when the file is not a key."""
    folder = Path(os.environ.get("ANDROID_USER_HOME") or Path.home() / ".android")
    path, public = folder / "adbkey", folder / "adbkey.pub"
    if not path.exists():
        _make(path)
    try:
        if not public.exists():
            _derive(path, public)
        return [CryptographySigner(str(path))]
    except ValueError as error:
        raise UnauthorisedError(f"{path} is not an adb key; move it away, and a new one is made") from error


def public_line(key: Signer) -> str:
    """The public half as a line of `adbkey.pub`."""
    public = key.GetPublicKey()
    return public if isinstance(public, str) else public.decode()


def _make(path: Path) -> None:
    """A new key at `path`, which appears there complete. If another program makes one meanwhile, the first stays."""
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # only this user may read it
        new = Path(folder, path.name)
        keygen(str(new))
        new.chmod(0o600)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)


def _derive(path: Path, public: Path) -> None:
    """Write the public half; ValueError when `path` is not a key."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        new = Path(folder, public.name)
        write_public_keyfile(str(path), str(new))
        new.replace(public)
