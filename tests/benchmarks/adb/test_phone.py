"""What an `AdbPhone` promises, over both transports, against a daemon that real adb clients accept."""

import secrets
from pathlib import Path

import pytest

from benchmarks.adb.errors import AdbTimeoutError, CommandFailedError, DiskFullError, NoSuchFileError, NotAllowedError
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
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(data)
    phone.push(source, f"{FOLDER}/new/folder/file")
    info = phone.list_folder(f"{FOLDER}/new/folder")["file"]
    assert (info.size_bytes, info.mode & 0o444) == (len(data), 0o444)
    phone.pull(f"{FOLDER}/new/folder/file", back)
    assert back.read_bytes() == data == phone.read(f"{FOLDER}/new/folder/file")


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 15 * 65536, 15 * 65536 + 1, 1 << 20])
def test_sizes_at_the_borders_of_blocks_survive(start: Start, attach: Attach, size: int) -> None:
    phone = attach(start())
    data = secrets.token_bytes(size)
    phone.push(data, f"{FOLDER}/file")
    assert phone.read(f"{FOLDER}/file") == data


def test_many_files_go_in_one_session(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    sizes = [3000] * 100 + [2_000_000] + [3000] * 50
    for index, size in enumerate(sizes):
        (tmp_path / f"{index}").write_bytes(index.to_bytes(2, "big") * (size // 2))
    phone.push_all((tmp_path / f"{index}", f"{FOLDER}/many/{index}") for index in range(len(sizes)))
    found = phone.list_folder(f"{FOLDER}/many")
    assert {name: info.size_bytes for name, info in found.items()} == {str(i): size for i, size in enumerate(sizes)}
    assert phone.read(f"{FOLDER}/many/100") == (tmp_path / "100").read_bytes()


@pytest.mark.parametrize("sizes", [[3000] * 1000, [3000] * 200 + [5_000_000]], ids=["small", "small-and-big"])
def test_many_files_on_a_full_disk_fail_in_the_phones_words(
    start: Start, attach: Attach, tmp_path: Path, sizes: list[int]
) -> None:
    phone = attach(start("full-disk=700000"))
    for index, size in enumerate(sizes):
        (tmp_path / f"{index}").write_bytes(bytes(size))
    with pytest.raises(DiskFullError, match=rf"^push {FOLDER}/many/\d+: phone .* is full"):
        phone.push_all((tmp_path / f"{index}", f"{FOLDER}/many/{index}") for index in range(len(sizes)))
    assert phone.check(["echo", "still here"]) == "still here\n"


def test_a_missing_file_is_told_as_such(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    assert phone.list_folder(f"{FOLDER}/none") == {}
    for ask in (lambda: phone.pull(f"{FOLDER}/none", tmp_path / "back"), lambda: phone.read(f"{FOLDER}/none")):
        with pytest.raises(NoSuchFileError, match=r"phone 127\.0\.0\.1:\d+ does not have the file; check the path"):
            ask()
    assert list(tmp_path.glob("*back*")) == []


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


def test_an_old_phone_without_the_shell_protocol_still_tells_its_exit_code(start: Start, attach: Attach) -> None:
    phone = attach(start(features=("cmd",)))
    assert phone.shell(["false"]).exit_code == 1
    assert phone.check(["echo", "two\nlines"]) == "two\nlines\n"
    phone.push(b"data", f"{FOLDER}/file")
    assert phone.list_folder(FOLDER)["file"].size_bytes == 4
    assert phone.list_folder(f"{FOLDER}/none") == {}


def test_commands_run_beside_a_long_one(start: Start, attach: Attach) -> None:
    phone = attach(start("silence=0"))
    virtual_lines = phone.stream(["am", "instrument", "-w", "-r", f"{APP}/.Runner"], idle_timeout_s=60)
    phone.push(secrets.token_bytes(5_000_000), f"{FOLDER}/beside")
    assert phone.check(["echo", "still here"]) == "still here\n"
    phone.check(["am", "force-stop", APP])
    virtual_lines.close()  # type: ignore[attr-defined]
