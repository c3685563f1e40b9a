"""How a virtual phone stops listening, on systems that answer differently."""

import socket
from pathlib import Path
from typing import Any

import pytest

from benchmarks.virtual_phone.daemon import LOOPBACK, VirtualPhone
from benchmarks.virtual_phone.runner import no_runner
from benchmarks.virtual_phone.state import PhoneState


class MacListener:
    """As macOS: it cannot be shut down, may not be closed during `accept`, and tells of hosts that have hung up."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._hung_up = 2
        self.is_accepting = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> tuple[socket.socket, Any]:
        if self._hung_up:
            self._hung_up -= 1
            raise ConnectionAbortedError
        self.is_accepting = True
        accepted = self._listener.accept()
        self.is_accepting = False
        return accepted

    def shutdown(self, _how: int) -> None:
        raise OSError(57, "Socket is not connected")

    def close(self) -> None:
        assert not self.is_accepting, "this may wait for ever"
        self._listener.close()


def test_a_phone_stops_listening_where_a_listener_cannot_be_shut_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_server = socket.create_server
    monkeypatch.setattr(socket, "create_server", lambda address: MacListener(create_server(address)))
    with VirtualPhone(PhoneState("virtual-1", tmp_path / "phone", [], no_runner, [])) as phone:
        port = phone.port
        socket.create_connection((LOOPBACK, port), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port), 5)
