"""What an `AdbPhone` promises, over both transports, against a daemon that real adb clients accept."""

import secrets
from pathlib import Path

import pytest

from benchmarks.adb.errors import (
    AdbTimeoutError,
    CommandFailedError,
    DiskFullError,
    NoSuchFileError,
    NotAllowedError,
    PhoneUnavailableError,
)
from tests.benchmarks.conftest import APP, Attach, Start

FOLDER = "/data/local/tmp"


def test_a_shell_tells_exit_code_and_both_streams_apart(start: Start, attach: Attach) -> None:
    phone = attach(start())
    missing = phone.shell(["ls", "/nowhere"])
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr == "ls: /nowhere: No such file or directory\n"
    assert phone.shell(["getprop", "ro.product.model"]).stdout == "Virtual phone\n"
    assert phone.shell(["no-such-command"]).exit_code == 127


@pytest.mark.parametrize(
    "text", ["it's", 'a "b" c', "x; rm -rf /", "$? `id` $(id)", "a\nb", "", "*", "ä → 漢", "&& ||"]
)
def test_arguments_arrive_as_they_were_given(start: Start, attach: Attach, text: str) -> None:
    assert attach(start()).check(["echo", text, "end"]) == f"{text} end\n"


def test_a_pushed_file_comes_back_unchanged_and_readable(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    data = secrets.token_bytes(3_000_001)
    source = tmp_path / "source"
    source.write_bytes(data)
    phone.push(source, f"{FOLDER}/new/folder/file")
    info = phone.list_folder(f"{FOLDER}/new/folder")["file"]
    assert (info.size_bytes, info.mode & 0o444) == (len(data), 0o444)
    assert data == phone.read(f"{FOLDER}/new/folder/file")


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 15 * 65536, 15 * 65536 + 1, 1 << 20])
def test_sizes_at_the_borders_of_blocks_survive(start: Start, attach: Attach, size: int) -> None:
    phone = attach(start())
    data = secrets.token_bytes(size)
    phone.push(data, f"{FOLDER}/file")
    assert phone.read(f"{FOLDER}/file") == data


@pytest.mark.parametrize("size", [800_000, 3_000_000], ids=["one-block", "several-blocks"])
def test_a_full_disk_is_told_in_the_phones_words(start: Start, attach: Attach, size: int) -> None:
    phone = attach(start("full-disk=700000"))
    with pytest.raises(DiskFullError, match=rf"^push {FOLDER}/file: phone .* is full"):
        phone.push(bytes(size), f"{FOLDER}/file")
    assert phone.check(["echo", "still here"]) == "still here\n"


def test_a_missing_file_is_told_as_such(start: Start, attach: Attach) -> None:
    phone = attach(start())
    assert phone.list_folder(f"{FOLDER}/none") == {}
    with pytest.raises(NoSuchFileError, match=r"phone 127\.0\.0\.1:\d+ does not have the file; check the path"):
        phone.read(f"{FOLDER}/none")


def test_a_folder_that_is_not_ours_is_refused(start: Start, attach: Attach) -> None:
    with pytest.raises(NotAllowedError, match="use a folder below /data/local/tmp"):
        attach(start()).push(b"x", "/system/app/x")


def test_a_failed_command_says_which_and_why(start: Start, attach: Attach) -> None:
    phone = attach(start())
    with pytest.raises(CommandFailedError, match=r"^false: phone 127\.0\.0\.1:\d+ ended it with code 1"):
        phone.check(["false"])


def test_lines_come_whole_and_silence_ends_a_stream(start: Start, attach: Attach) -> None:
    phone = attach(start("silence=0"))
    lines = phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Runner"], idle_timeout_s=0.2)
    with pytest.raises(AdbTimeoutError, match=r"am: the phone said nothing for 0\.2 s"):
        list(lines)
    lines = phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Other"], idle_timeout_s=None, total_timeout_s=0.2)
    with pytest.raises(AdbTimeoutError, match=r"am: not done after 0\.2 s"):
        list(lines)


def test_a_phone_without_the_shell_protocol_is_too_old_for_the_app(start: Start, attach: Attach) -> None:
    phone = attach(start(features=("cmd",)))
    with pytest.raises(PhoneUnavailableError, match="has an Android before 7, and the app needs 8; use a newer phone"):
        phone.shell(["false"])


def test_commands_run_beside_a_long_one(start: Start, attach: Attach) -> None:
    phone = attach(start("silence=0"))
    virtual_lines = phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Runner"], idle_timeout_s=60)
    phone.push(secrets.token_bytes(5_000_000), f"{FOLDER}/beside")
    assert phone.check(["echo", "still here"]) == "still here\n"
    phone.check(["am", "force-stop", APP])
    virtual_lines.close()  # type: ignore[attr-defined]
