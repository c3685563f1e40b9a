"""The whole way in one run: exported models, the APK installed over adb, the app's own job runner, comparison, report.

`make proof` goes the same way with every input.
"""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.places import BUILD
from benchmarks.runs.folder import find
from benchmarks.runs.kotlin_runner import missing

RUN = ("run", "--device", "virtual", "--runner", "kotlin", "--install")
FEW = ("--limit", "12", "--num-runs", "1", "--min-secs", "0")


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_every_exported_model_goes_the_whole_way_and_keeps_its_gates(apk: Path, tmp_path: Path) -> None:
    if not (BUILD.models / "manifest.json").is_file():
        pytest.skip("nothing is exported; run `make export`")
    build = tmp_path / "build"
    build.mkdir()
    (build / "models").symlink_to(BUILD.models)
    shutil.copyfile(apk, build / apk.name)
    assert main([*RUN, *FEW, "--build", str(build)]) == 0
    run = find(None, build / "results").path
    comparison = json.loads((run / "comparison.json").read_bytes())
    exported = json.loads((BUILD.models / "manifest.json").read_bytes())["recipes"]
    assert len(comparison["rows"]) == sum(len(recipe["variants"]) for recipe in exported.values())
    for row in comparison["rows"]:
        assert (row["runner"], row["complete"]) == ("kotlin-jvm", True), row["id"]
        stages = {stage["name"]: stage["evaluated"] for stage in row["stages"]}
        assert stages["tensors"] == stages["images"] == 12, row["id"]
    assert comparison["phones"][0]["is_virtual"]
    page = (run / "report.html").read_text(encoding="utf-8")
    assert all(recipe in page for recipe in exported)
    assert {path.name for path in run.iterdir()} >= {"report.json", "report.csv", "junit.xml", "summary.md"}
