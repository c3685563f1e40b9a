"""What differs between Linux and macOS, with a fake of each system's answer. Nobody ran this on a Mac."""

import fcntl
import importlib.util
import os
import platform
import select
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from metadata.__main__ import main
from metadata.command_line import is_reader_gone
from metadata.output import write_whole
from metadata.reader import read
from metadata.support_library import PACKAGE, missing_support

BINDINGS = ["bindings", "model.tflite", "--package", "com.example.app", "--out", "out"]


def on(monkeypatch: pytest.MonkeyPatch, system: str, processor: str) -> None:
    """This process on another system, without tflite-support."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == PACKAGE else find(name))
    monkeypatch.setattr(sys, "platform", system.lower())
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: processor)


@pytest.mark.parametrize(("system", "processor"), [("Darwin", "arm64"), ("Linux", "aarch64")])
def test_bindings_say_in_one_line_why_they_are_not_there(
    system: str, processor: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, system, processor)
    assert main(BINDINGS) == 2
    assert capsys.readouterr().err == (
        f"metadata: Google's tflite-support exists for Linux on x86_64, and this is {system} on {processor}; "
        "run it there, or let Android Studio import the model\n"
    )


def test_where_tflite_support_could_be_it_is_installed_by_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "Linux", "x86_64")
    assert missing_support() == "Google's tflite-support is not installed; run make setup"


@pytest.mark.parametrize(
    ("event", "is_gone"), [(select.POLLERR, True), (select.POLLHUP, True), (select.POLLOUT, False)]
)
def test_a_reader_is_gone_by_linux_s_word_and_by_macos_s(
    event: int, is_gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    poll = SimpleNamespace(register=lambda *watched: asked.append(watched), poll=lambda _timeout: [(1, event)])
    monkeypatch.setattr(select, "poll", lambda: poll)
    assert is_reader_gone(BrokenPipeError()) is is_gone
    assert asked == [(1, select.POLLOUT)]


def test_a_python_without_poll_believes_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll")
    assert is_reader_gone(BrokenPipeError())
    assert not is_reader_gone(OSError())


@pytest.mark.parametrize("is_known", [True, False])
def test_macos_is_asked_to_store_what_is_written_and_where_it_cannot_it_does_as_linux(
    is_known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def control(_handle: int, command: int) -> None:
        calls.append(command)
        if not is_known:
            raise OSError

    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "fsync", lambda _handle: calls.append("fsync"))
    write_whole(tmp_path / "file", b"data")
    assert calls == ([51] if is_known else [51, "fsync"])
    assert (tmp_path / "file").read_bytes() == b"data"


def test_a_model_is_named_by_whole_letters_where_macos_names_its_file_by_their_parts(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "golden" / "models" / "colour_fp32.tflite"
    model, labels, out = (tmp_path / name for name in ("mode\u0301le.tflite", "labels.txt", "out.tflite"))
    model.write_bytes(golden.read_bytes())
    labels.write_text("ant\nbee\ncat\ndog\n")
    words = ["pack", model, "--labels", labels, "--mean", "0", "--std", "1", "--out", out]
    assert main([str(word) for word in words]) == 0
    card = read(out).card
    assert card is not None
    assert card.name == "mod\u00e9le"
