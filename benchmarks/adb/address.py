"""Where an adb server or a phone listens."""

import os
from dataclasses import dataclass
from typing import Self

from benchmarks.adb.errors import AdbError


@dataclass(frozen=True, slots=True)
class Address:
    """Where an adb server or a phone listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`host:port`, `[v6]:port`; AdbError for anything else."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise AdbError(f"{text!r} is not host:port; give for example 192.168.1.5:5037")
        return cls(host.strip("[]"), int(port))

    @classmethod
    def default_server(cls) -> Self:
        """This machine's adb server: port 5037, or ANDROID_ADB_SERVER_PORT."""
        port = os.environ.get("ANDROID_ADB_SERVER_PORT", "5037")
        return cls.parse(f"127.0.0.1:{port}")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
