"""All stages in one run: exported models, the APK installed over adb, the app's own job runner, comparison, report.

`make proof` does the same with every input.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import main
from benchmarks.console.places import BUILD
from benchmarks.formats.run_folder import find
from benchmarks.runners.kotlin import missing
from tests.benchmarks.report_check import MISSING, NO_BROWSER, assert_opens_well

pytestmark = pytest.mark.thorough

RUN = ("run", "--device", "virtual", "--runner", "kotlin", "--install", "--limit", "1000", "--num-runs", "1")
EXACT = ("fp32", "fp16", "int8")


@pytest.fixture(scope="module")
def measured(apk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's folder: 1000 digits and all photographs, every model."""
    if (lack := missing()) is not None:
        pytest.skip(lack)
    if not (BUILD.models / "manifest.json").is_file():
        pytest.skip("nothing is exported; run `make export`")
    build = tmp_path_factory.mktemp("build")
    (build / "models").symlink_to(BUILD.models)
    shutil.copyfile(apk, build / apk.name)
    assert main([*RUN, "--min-secs", "0", "--build", str(build)]) == 0
    return find(None, build / "results").path


def test_every_exported_model_passes_all_stages_and_its_gates(measured: Path) -> None:
    comparison = json.loads((measured / "comparison.json").read_bytes())
    exported = json.loads((BUILD.models / "manifest.json").read_bytes())["recipes"]
    assert len(comparison["rows"]) == sum(len(recipe["variants"]) for recipe in exported.values())
    for row in comparison["rows"]:
        assert (row["runner"], row["complete"]) == ("kotlin-jvm", True), row["id"]
        assert row["verdict"] in ("PASS", "INCONCLUSIVE"), row["id"]  # a thousand digits leave half a point open
        stages = {stage["name"]: stage["evaluated"] for stage in row["stages"]}
        assert stages["tensors"] == stages["images"] >= 100, row["id"]
    assert comparison["phones"][0]["is_virtual"]
    assert {path.name for path in measured.iterdir()} >= {"report.json", "report.csv", "junit.xml", "summary.md"}


def test_on_tensors_the_app_answers_as_the_desktop_does(measured: Path) -> None:
    """Pushed over adb, run by the app's Kotlin: the top-1 of every digit and every photograph is the desktop's."""
    comparison = json.loads((measured / "comparison.json").read_bytes())
    variants = {model["id"]: model["variant"] for model in comparison["models"]}
    exact = [row for row in comparison["rows"] if variants[row["model"]] in EXACT]
    assert len(exact) >= len(EXACT)
    assert {row["id"]: agreement(row) for row in exact} == {row["id"]: 1.0 for row in exact}


@pytest.mark.skipif(MISSING, reason=NO_BROWSER)
def test_its_report_opens_in_a_browser(measured: Path) -> None:
    rows = len(json.loads((measured / "comparison.json").read_bytes())["rows"])
    assert_opens_well(measured / "report.html", rows)


def agreement(row: dict[str, Any]) -> float:
    (found,) = (arrow["agreement"] for arrow in row["arrows"] if arrow["name"] == "runtime")
    return float(found)
