"""The phone's side of AUTH: RSA keys it knows, real signatures, and a user who accepts every new key.

A signature is PKCS#1 v1.5 over the 20-byte token, taken as a SHA-1 digest as it is. Public keys come in Android's
own layout: 32-bit words, little-endian. Source: auth.cpp and android_pubkey.cpp in the Android Open Source Project.
"""

import base64
import binascii
import hmac
import secrets
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TOKEN_BYTES = 20
WORDS = 64
SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414")
LAYOUT = struct.Struct(f"<2I{WORDS * 4}s{WORDS * 4}sI")
"""Words of the modulus, −1/n mod 2³², modulus, R² mod n, exponent."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key of 2048 bits."""

    modulus: int
    exponent: int

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """The key in a line of `adbkey.pub`; None when there is none."""
        try:
            words, _, modulus, _, exponent = LAYOUT.unpack(base64.b64decode(line.partition(" ")[0], validate=True))
        except (binascii.Error, struct.error, ValueError):
            return None
        return cls(int.from_bytes(modulus, "little"), exponent) if words == WORDS and exponent in (3, 65537) else None

    def verifies(self, token: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's of `token`."""
        size_bytes = WORDS * 4
        number = int.from_bytes(signature, "big")
        if len(signature) != size_bytes or number >= self.modulus:
            return False
        digest = SHA1_INFO + token
        expected = b"\0\1" + b"\xff" * (size_bytes - len(digest) - 3) + b"\0" + digest
        return hmac.compare_digest(pow(number, self.exponent, self.modulus).to_bytes(size_bytes, "big"), expected)


class Authority:
    """The keys one phone has accepted, kept in `path`; with `refuses` it accepts none, old or new."""

    def __init__(self, path: Path, refuses: bool = False, known: Iterable[str] = ()) -> None:
        self._path = path
        self._refuses = refuses
        self._lock = threading.Lock()
        lines = path.read_text().splitlines() if path.exists() else []
        self._keys = {key for key in map(PublicKey.parse, (*known, *lines)) if key is not None}

    @staticmethod
    def token() -> bytes:
        """New random bytes for the host to sign."""
        return secrets.token_bytes(TOKEN_BYTES)

    def knows(self, token: bytes, signature: bytes) -> bool:
        """Whether a known key signed the token."""
        with self._lock:
            return not self._refuses and any(key.verifies(token, signature) for key in self._keys)

    def accept(self, line: str) -> bool:
        """Show the user a new key; whether it was accepted."""
        key = PublicKey.parse(line)
        if key is None or self._refuses:
            return False
        with self._lock:
            if key not in self._keys:
                self._keys.add(key)
                with self._path.open("a") as file:
                    file.write(line.strip() + "\n")
        return True
