"""An adb server: its list of phones, whatever a serial looks like, and who is not taken for one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.adb import candidates, server
from benchmarks.adb.address import Address
from benchmarks.adb.candidates import SearchPlaces
from benchmarks.adb.errors import (
    AdbError,
    AdbServerError,
)
from benchmarks.adb.server import LISTED, AdbServer, ServerTransport
from tests.benchmarks.conftest import free_port


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "R58 device usb:1-2 product:p model:M device:d transport_id:1",
            ("R58", "device", {"usb", "product", "model"}),
        ),
        ("emulator-5554          offline", ("emulator-5554", "offline", set())),
        (  # Genymobile/scrcpy#6289: a mDNS name that was taken
            "adb-4c753791-lL2him (2)._adb-tls-connect._tcp device product:PJE110 model:PJE110 device:OP5D2BL1 "
            "transport_id:3",
            ("adb-4c753791-lL2him (2)._adb-tls-connect._tcp", "device", {"product", "model", "transport_id"}),
        ),
        (  # Genymobile/scrcpy#3534: a serial that begins with a blank
            " GS101200400611        device usb:17825792X product:rk3288 model:rk3288",
            (" GS101200400611", "device", {"usb", "product"}),
        ),
        ("(no serial number)     unauthorized usb:1-2 transport_id:4", ("(no serial number)", "unauthorized", {"usb"})),
        ("192.168.1.113:39243 device product:p model:M transport_id:9", ("192.168.1.113:39243", "device", {"product"})),
        (
            "R58   no permissions (missing udev rules? user is in the plugdev group); see "
            "[http://developer.android.com/tools/device.html] usb:1-2 transport_id:3",
            (
                "R58",
                "no permissions (missing udev rules? user is in the plugdev group); see "
                "[http://developer.android.com/tools/device.html]",
                {"usb"},
            ),
        ),
    ],
)
def test_the_servers_list_is_read_whatever_the_state(line: str, expected: tuple[str, str, set[str]]) -> None:
    found = LISTED.match(line)
    assert found is not None
    assert (found[1], found[2]) == expected[:2]
    assert expected[2] <= {detail.partition(":")[0] for detail in found[3].split()}


LIST = """0123456789ABCDEF       device usb:1-2 product:p model:A device:d transport_id:1
0123456789ABCDEF       device usb:1-3 product:p model:A device:d transport_id:2
 GS101200400611        device usb:1-4 product:rk3288 transport_id:3
????????????
"""


def test_phones_of_one_serial_are_named_by_their_ports_and_an_odd_line_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two phones to which their maker gave one serial: adb takes `usb:1-2` in a serial's place."""
    monkeypatch.setattr(AdbServer, "_query", lambda *_: LIST)
    monkeypatch.setattr(AdbServer, "version", lambda *_: 41)
    listed = AdbServer(Address("127.0.0.1", 1)).devices()
    assert [one.serial for one in listed] == ["usb:1-2", "usb:1-3", " GS101200400611", "????????????"]
    found, _ = candidates.scan(SearchPlaces(servers=(Address("127.0.0.1", 1),)))
    assert [one.on_usb for one in found] == [True, True, True, False]
    assert "GS101200400611" in found[2].names, "what a person types"
    assert [one.problem is None for one in found] == [True, True, True, False]
    assert str(found[3].problem) == ("the adb server lists '????????????', which names no phone; see `adb devices -l`")


@contextmanager
def stranger(answer: bytes) -> Iterator[Address]:
    """A server on loopback that says `answer` to whoever connects, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Address("127.0.0.1", listener.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n", b"OKAYzzzz", b"OKAY0004zzzz"])
def test_a_stranger_on_the_port_is_not_taken_for_a_server(answer: bytes) -> None:
    with stranger(answer) as address, pytest.raises(AdbServerError, match="is not an adb server"):
        AdbServer(address).version()


@pytest.mark.parametrize("answer", [b"", b"OK", b"OKAY0040abc", b"FAIL0010abc"])
def test_a_server_that_hangs_up_is_a_lost_link(answer: bytes) -> None:
    with stranger(answer) as address, pytest.raises(AdbError, match="hung up"):
        AdbServer(address).version()


@pytest.mark.parametrize("serial", ["usb:1-2", "R58", "adb-4c753791-lL2him (2)._adb-tls-connect._tcp"])
def test_a_phone_that_is_no_address_is_waited_for_and_not_connected_to(serial: str) -> None:
    ServerTransport(AdbServer(Address("127.0.0.1", free_port())), serial).revive()


def test_one_of_two_phones_of_one_serial_is_asked_by_adbs_number_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number changes when the phone is plugged in again; its port does not."""
    asked: list[str] = []

    class Recorded:
        def __init__(self, *_: object) -> None:
            pass

        def ask(self, request: str, _serial: str | None) -> None:
            asked.append(request)

        def text(self) -> str:
            return LIST if asked[-1] == "host:devices-l" else "shell_v2,cmd"

        def close(self) -> None:
            pass

    monkeypatch.setattr(server, "SmartSocket", Recorded)
    transport = ServerTransport(AdbServer(Address("127.0.0.1", 1)), "usb:1-3")
    assert transport.features == {"shell_v2", "cmd"}
    transport.open("shell,v2,raw:true")
    assert [one for one in asked if one != "host:devices-l"] == [
        "host-transport-id:2:features",
        "host:transport-id:2",
        "shell,v2,raw:true",
    ]
    asked.clear()
    ServerTransport(AdbServer(Address("127.0.0.1", 1)), "R58").open("shell,v2,raw:true")
    assert asked == ["host:transport:R58", "shell,v2,raw:true"], "no more requests for other phones"


def test_phones_of_one_serial_without_a_port_are_named_by_adbs_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AdbServer, "_query", lambda *_: "A device transport_id:1\nA device transport_id:2\nB offline\n")
    listed = AdbServer(Address("127.0.0.1", 1)).devices()
    assert [one.serial for one in listed] == ["transport_id:1", "transport_id:2", "B"]
