"""Every command of the documentation: run here where that takes seconds, else parsed here and run by a named test.

A command that nobody listed fails, by its own words.
"""

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from export import recipes
from tests.docs.commands import OURS, ROOT, commands, parse, python_lines, unused

PYTHON = ".venv/bin/python -m"
HERE = (
    f"{PYTHON} metadata *",
    f"{PYTHON} export --list",
    "make classify IMAGES=photos/ MODEL=efficientnet_lite0*",
    "make devices",
    "make doctor",
)
ELSEWHERE = {
    "make export": ".ci/run",
    "make export-all": "tests/export/commands/test_command_line.py",
    "make teach *": "tests/export/transfer/test_teach_command.py",
    f"{PYTHON} export.teach *": "tests/export/transfer/test_teach_command.py",
    f"{PYTHON} export cats_vs_dogs*": "tests/export/transfer/test_cats_vs_dogs.py",
    "make proof": "tests/android/test_proof.py",
    "make stress": "tests/stress/test_stress.py",
    "make report*": "tests/benchmarks/commands/test_report_command.py",
    "make compare*": "tests/benchmarks/compare/test_compare.py",
    "make test": ".ci/run",
    "make test-all": ".ci/run",
    "make lint": ".ci/run",
    "make runtimes": ".ci/run",
    "make export RECIPES=mobilenet_v2*": "tests/export/recipes/test_imagenet.py",
    "make export RECIPES=vgg16*": "tests/export/recipes/test_imagenet.py",
    "make export RECIPES=* EVAL_DIR=photos/ TRAINED_WITH=*": "tests/export/checks/test_trained_with.py",
    "make export RECIPES=efficientnet_lite0 EVAL_DIR=photos/": "tests/export/data/test_folders.py",
    "make export RECIPES=efficientnet_lite0": ".ci/run",
    "make export 'RECIPES=digits_mlp *'": "tests/export/networks/test_train.py",
    "make export RECIPES=digits_resnet50v2*": "tests/export/checks/test_exported_models.py",
    "make export RECIPES=digits_*": "tests/export/test_real_export.py",
    "make classify *": "tests/benchmarks/classify/test_answers.py",
    f"{PYTHON} export model.keras *": "tests/export/own_models/test_own_command.py",
    f"{PYTHON} export existing.tflite *": "tests/export/own_models/test_ready.py",
    f"{PYTHON} benchmarks classify photo.jpg *": "tests/benchmarks/classify/test_stages.py",
    f"{PYTHON} benchmarks pack *": "tests/benchmarks/commands/test_farm.py",
    f"{PYTHON} benchmarks import *": "tests/benchmarks/commands/test_farm.py",
    f"{PYTHON} benchmarks layers *": "tests/benchmarks/commands/test_layers_command.py",
    f"{PYTHON} benchmarks explain*": "tests/benchmarks/commands/test_explain_command.py",
    f"{PYTHON} benchmarks compare*": "tests/benchmarks/compare/test_compare.py",
    f"{PYTHON} benchmarks report*": "tests/benchmarks/commands/test_report_command.py",
    f"{PYTHON} benchmarks run --models * --model-inputs": "tests/benchmarks/commands/test_explain_command.py",
    f"{PYTHON} benchmarks run --tcp *": "tests/benchmarks/commands/test_run_command.py",
    f"{PYTHON} benchmarks * --adb-server *": "tests/benchmarks/adb/test_discovery.py",
    f"{PYTHON} benchmarks run --device virtual --persona *": "tests/benchmarks/virtual_phone/test_personas.py",
    f"{PYTHON} benchmarks virtual --persona-from *": "tests/benchmarks/phones/test_phone_report.py",
    f"{PYTHON} benchmarks virtual --*": "tests/benchmarks/virtual_phone/test_personas.py",
    "make try *": "tests/benchmarks/commands/test_try.py",
    "make phone-report": "tests/benchmarks/phones/test_phone_report.py",
    "make explain*": "tests/benchmarks/commands/test_explain_command.py",
    "make benchmark DEVICE=virtual": "tests/benchmarks/commands/test_run_command.py",
    "make benchmark DEVICE=virtual RUNNER=kotlin": "tests/benchmarks/runners/test_kotlin_runner.py",
    "make benchmark ARGS=--install": "tests/benchmarks/phones/test_preflight.py",
    "make arm64*": "tests/benchmarks/runners/test_arm64.py",
    "make apk": "tests/android/test_apk.py",
    "make install*": "tests/android/test_apk.py",
    "python -m android_app.desktop.apk prepare": "tests/android/test_on_the_jvm.py",
    "mvn *": "tests/android/test_on_the_jvm.py",
    "sh android_app/lint.sh": "Makefile",
}
"""Where a command, or what it does to less data, is run for real. The first pattern that fits counts."""
CANNOT = {
    "ssh *": "needs another computer",
    "gcloud *": "needs an account at a device farm",
    "am instrument *": "runs on a phone; tests/benchmarks/commands/test_farm.py says it to a virtual one",
    "adb *": "needs a phone",
    "jq *": "another program; what it reads is held by tests/benchmarks/report/test_report_files.py",
}
FINDINGS_ARE_FINE = ("make doctor", f"{PYTHON} metadata check *", "make devices")
"""Commands whose exit code also says whether something was found."""
MODELS = ROOT / "build" / "models"
DIGITS, PHOTOGRAPHS = MODELS / "digits_cnn", MODELS / "efficientnet_lite0"


def fits(command: str, patterns: tuple[str, ...] | dict[str, str]) -> str | None:
    return next((pattern for pattern in patterns if fnmatchcase(command, pattern)), None)


ALL = commands()
PARSED = [one for one in ALL if not fits(one, CANNOT)]


def test_every_command_is_listed() -> None:
    lists = (HERE, ELSEWHERE, CANNOT)
    unlisted = [command for command in ALL if not any(fits(command, one) for one in lists)]
    shown = "\n".join(f"{command}   ({', '.join(ALL[command])})" for command in unlisted)
    assert not unlisted, f"say in HERE, ELSEWHERE or CANNOT who runs:\n{shown}"


def test_what_is_listed_is_in_the_documentation_and_run_by_a_file_that_exists() -> None:
    assert not [pattern for pattern in (*HERE, *CANNOT) if not any(fnmatchcase(command, pattern) for command in ALL)]
    assert not [path for path in ELSEWHERE.values() if not (ROOT / path).is_file()]


@pytest.mark.parametrize("command", PARSED)
def test_a_command_is_understood_by_its_program(command: str) -> None:
    words = shlex.split(command)
    if words[0] == "make":
        assert not unused(words[1:]), "make does not use these"
    for module, *arguments in python_lines(command):
        if module.partition(".")[0] in OURS:
            options = parse(module, arguments)
            assert set(vars(options).get("recipes") or ()) <= set(recipes.names())
    for name in words[1:]:
        if name.startswith("android_app/"):
            assert (ROOT / name).is_file()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the commands name: real models, real photographs."""
    for home in (DIGITS, PHOTOGRAPHS):
        if not home.is_dir():
            pytest.skip(f"{home.name} is not exported; run `make export`")
    folder = tmp_path_factory.mktemp("stage")
    (folder / "build").mkdir()
    (folder / "build" / "models").symlink_to(MODELS)
    for name in ("some_other_model.tflite", "converted.tflite"):
        shutil.copy(DIGITS / "digits_cnn_int8.tflite", folder / name)
    shutil.copy(ROOT / "metadata" / "labels" / "digits.txt", folder / "labels.txt")
    with zipfile.ZipFile(PHOTOGRAPHS / "reference" / "inputs.zip") as archive:
        for name in archive.namelist()[:2]:
            archive.extract(name, folder / "photos")
    return folder


@pytest.mark.parametrize("command", [one for one in ALL if fits(one, HERE)])
def test_a_quick_command_does_what_the_page_says(command: str, stage: Path) -> None:
    (line,) = python_lines(command)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(stage),
        "HANDSET_CACHE": str(stage / "cache"),
        "ANDROID_ADB_SERVER_PORT": "9",  # nobody listens there
        "PIP_NO_INDEX": "1",
    }
    command_line = [sys.executable, "-m", *line]
    done = subprocess.run(command_line, cwd=stage, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in ((0, 1) if fits(command, FINDINGS_ARE_FINE) else (0,)), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr
