"""What stops a command that exports is one line, with a remedy, and an exit code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.commands.exit_code import KEPT, run_command
from export.errors import ExportError

TOO_MUCH = 1 << 56


def too_much_for_python() -> int:
    return len(np.zeros(TOO_MUCH, np.int8))


def test_what_is_refused_is_said_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def refused() -> int:
        raise ExportError("no such thing\n  in two lines")

    assert run_command("export", refused, tmp_path) == 2
    assert capsys.readouterr().err == "export: no such thing in two lines\n"


def test_a_disk_s_error_names_the_file_or_the_place(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for act, named in (((tmp_path / "none").read_text, tmp_path / "none"), (full_disk, tmp_path)):
        assert run_command("export", act, tmp_path) == 2  # type: ignore[arg-type]  # it raises and returns nothing
        assert capsys.readouterr().err.startswith(f"export: {named}: ")


def full_disk() -> int:
    raise OSError(28, "No space left on device")


def test_no_memory_is_said_whoever_finds_it_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, tensorflow: Any
) -> None:
    def too_much_for_tensorflow() -> int:  # which would try again for ten seconds
        raise tensorflow.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    for act in (too_much_for_python, too_much_for_tensorflow):
        assert run_command("teach", act, tmp_path) == 2
        line = capsys.readouterr().err.splitlines()[-1]
        assert line.startswith(f"teach: out of memory; {KEPT}; close other programs")


def test_a_fault_of_ours_stays_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run_command("export", lambda: 1 // 0, tmp_path)


def test_its_own_code_is_what_a_command_returns(tmp_path: Path) -> None:
    assert [run_command("export", lambda code=code: code, tmp_path) for code in (0, 1, 2)] == [0, 1, 2]  # type: ignore[misc]
