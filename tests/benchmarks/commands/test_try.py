"""`python -m benchmarks try`: a model goes to the app that is on a phone."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.adb import candidates
from benchmarks.phones.app import PACKAGE
from benchmarks.virtual_phone.persona import load
from benchmarks.virtual_phone.state import App
from metadata.hashes import sha256_of
from tests.benchmarks.conftest import Start

MODEL = Path(__file__).parents[2] / "golden" / "models" / "standard_int8.tflite"


@pytest.fixture(autouse=True)
def no_usb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that happens to be plugged into this machine is none of these tests' business."""
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))


def test_a_model_is_pushed_and_opened_in_the_app_under_its_name(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = start(app=App(PACKAGE))
    assert main(["try", str(MODEL), "--tcp", phone.address]) == 0
    assert capsys.readouterr().out.endswith("standard_int8.tflite is on the app's Model screen\n")
    path = f"/data/local/tmp/handset/{sha256_of(MODEL)}.tflite"
    assert (phone.state.sandbox.root / path[1:]).read_bytes() == MODEL.read_bytes()
    (intent,) = phone.state.started
    assert intent == (
        *("--user", "0", "-n", f"{PACKAGE}/.MainActivity", "-a", f"{PACKAGE}.TRY"),
        *("-d", f"file://{path}", "--es", "name", "standard_int8.tflite"),
    )


def test_the_user_in_front_gets_it(start: Start) -> None:
    phone = start(app=App(PACKAGE))
    phone.state.persona = load("second_user")
    assert main(["try", str(MODEL), "--tcp", phone.address]) == 0
    assert phone.state.started[0][:2] == ("--user", "10")


def test_a_phone_without_the_app_is_one_line(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    phone = start()
    assert main(["try", str(MODEL), "--tcp", phone.address]) == 2
    assert capsys.readouterr().err == f"phone {phone.address} does not have the app; run `make install`\n"
    assert phone.state.started == []


def test_a_file_that_is_no_model_is_refused_before_a_phone_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter.tflite"
    letter.write_text("this is a letter, not a model")
    assert main(["try", str(letter)]) == 2
    refusal = capsys.readouterr().err
    assert refusal.startswith(f"{letter}: not a .tflite file")
    assert refusal.count("\n") == 1
