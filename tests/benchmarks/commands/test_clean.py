"""`python -m benchmarks clean`: nothing that the kit put on phones stays there."""

import pytest

from benchmarks.__main__ import main
from benchmarks.adb import candidates
from benchmarks.phones.app import PACKAGE
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import Attach, Start, free_port


def test_each_phone_is_cleaned_and_one_that_cannot_be_reached_is_a_line(
    start: Start, attach: Attach, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))
    virtual = start(app=App(PACKAGE))
    attach(virtual).push(b"a model", "/data/local/tmp/handset/x.tflite")
    absent = f"127.0.0.1:{free_port()}"
    assert main(["clean", "--tcp", virtual.address, "--tcp", absent]) == 2
    printed = capsys.readouterr()
    assert printed.out == f"phone {virtual.address}: clean\n"
    assert absent in printed.err
    assert printed.err.count("\n") == 1
    assert not (virtual.state.sandbox.root / "data/local/tmp/handset").exists()
