"""`python -m benchmarks devices`: what is attached, as a table and as JSON."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.adb import candidates
from tests.benchmarks.conftest import Start, free_port


@pytest.fixture(autouse=True)
def no_usb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that happens to be plugged into this machine is none of these tests' business."""
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))


def test_devices_lists_phones_in_a_table_and_as_json(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = start(serial="virtual-1"), start(serial="virtual-2")
    arguments = ["devices", "--tcp", one.address, "--tcp", two.address]
    assert main(arguments) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["serial", "model", "SoC", "Android", "ABI", "battery", "temperature", "attached", "by"]
    assert one.address in table[1]
    assert "Virtual phone" in table[1]
    assert "29.0 °C" in table[2]
    assert main([*arguments, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [phone["serialno"] for phone in record["phones"]] == ["virtual-1", "virtual-2"]
    assert record["phones"][0]["battery"] == {"level_percent": 87, "temperature_c": 29.0}


def test_devices_says_what_keeps_a_phone_from_being_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 1
    assert capsys.readouterr().out.startswith("no phone is attached; plug one in")
    assert main(["devices", "--tcp", f"127.0.0.1:{free_port()}"]) == 1
    assert "does not accept a connection" in capsys.readouterr().out
    assert main(["devices", "--adb-server", "nonsense"]) == 2
    assert capsys.readouterr().err == "'nonsense' is not host:port; give for example 192.168.1.5:5037\n"


def test_devices_shows_only_the_phones_that_are_named(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = start(serial="virtual-1"), start(serial="virtual-2")
    arguments = ["devices", "--tcp", one.address, "--tcp", two.address, "-s", two.address, "-s", "R58"]
    assert main(arguments) == 0
    table, problem = capsys.readouterr().out.splitlines()[1:]
    assert table.startswith(two.address)
    assert problem.startswith("phone R58 is not attached; plug it in, or name one that")
    assert main([*arguments, "--json"]) == 0
    (absent,) = json.loads(capsys.readouterr().out)["unusable"]
    assert (absent["serial"], absent["attached_by"]) == ("R58", [])
    assert main(["devices", "--tcp", one.address, "-s", "R58"]) == 2
    assert capsys.readouterr().err.startswith("phone R58 is not attached")
