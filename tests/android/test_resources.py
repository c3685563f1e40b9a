"""Resources that are linked again, and what Maven compiled with the numbers that they had before."""

from pathlib import Path

import pytest

from android_app.desktop.apk import resources
from android_app.desktop.apk.project import BUILD, app_properties
from android_app.desktop.apk.tools import aapt2


@pytest.mark.thorough
def test_classes_are_compiled_again_where_resources_have_other_numbers(
    apk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert apk.is_file()
    monkeypatch.setattr(resources, "BUILD", tmp_path)
    classes, numbers = tmp_path / "maven" / "test-classes", tmp_path / "gen" / "app" / "handset" / "R.java"

    def link() -> bool:
        classes.mkdir(parents=True, exist_ok=True)
        resources.link(aapt2(), BUILD / "framework.apk", app_properties(), print)
        return classes.is_dir()

    assert [link(), link()] == [False, True]
    numbers.write_text(numbers.read_text().replace("0x7f05", "0x7f06"))
    assert not link()
