"""The command line of `python -m benchmarks`: an option means the same for every subcommand."""

from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.phones.choice import places_from
from tests.docs.commands import parse

TAKE_MODELS = ("run", "pack farm/", "explain", "classify photo.jpg")


def parsed(command: str, *options: str) -> Namespace:
    return parse("benchmarks", [*command.split(), *options])


@pytest.mark.parametrize("command", TAKE_MODELS)
def test_models_are_names_between_commas_or_repeated(command: str) -> None:
    assert parsed(command).models == []
    assert parsed(command, "--models", "a,b").models == ["a", "b"]
    assert parsed(command, "--model", "a", "--model", "b,c").models == ["a", "b", "c"]


@pytest.mark.parametrize("command", ["run", "pack farm/", "explain", "classify photo.jpg", "compare", "report"])
def test_build_is_the_folder_of_everything_that_was_made(command: str, tmp_path: Path) -> None:
    assert parsed(command, "--build", str(tmp_path)).build.models == tmp_path / "models"


def test_a_command_that_fails_for_its_files_says_so_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "manifest.json").mkdir()
    (tmp_path / "results").write_text("no folder")
    assert main(["report", "--build", str(tmp_path), "--out", "/dev/null/report"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_device_all_means_every_attached_phone_whatever_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_SERIAL", "R5CT10")
    assert places_from(parsed("run"), None).serials == ("R5CT10",)
    assert places_from(parsed("run"), parsed("run", "--device", "all").device).serials == ()
