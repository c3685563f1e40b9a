import errno
import os
from pathlib import Path

import pytest

from metadata.errors import OutputError
from metadata.output import write_whole


def test_a_new_file_appears_with_its_folders_and_the_usual_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.tflite"
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"model\.tflite: cannot be written, No space left on device"):
        write_whole(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.tflite"]
    assert path.read_bytes() == b"old"
