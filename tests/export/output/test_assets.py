import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks.formats.catalog import CATALOG_FILE as CATALOG
from benchmarks.formats.variant_record import FileRecord, VariantRecord
from export.checks.verify import default_variant
from export.errors import ExportError
from export.output.assets import update_assets
from export.output.store import Store, describe_file
from metadata.door import IMAGENET_DOOR
from tests.export.records import PARITY, export_of, reference_of, tiny_card, variant_of

SIZES = {"fp32": 800, "fp16": 400, "dynamic": 200, "int8": 210}


def variant(size_bytes: int, verdict: str = "PASS") -> VariantRecord:
    return variant_of(FileRecord("model.tflite", "0" * 64, size_bytes), replace(PARITY, verdict=verdict))


def export(store: Store, recipe: str, seed: bytes = b"x", default: str = "dynamic", **more: Any) -> None:
    with store.staging() as staged:
        variants = {}
        for name, size_bytes in SIZES.items():
            path = staged / f"{recipe}_{name}.tflite"
            path.write_bytes((seed * size_bytes)[:size_bytes])
            variants[name] = variant_of(describe_file(staged, path))
        (staged / "reference").write_bytes(seed)
        fields = {
            "card": tiny_card(recipe),
            "variants": variants,
            "reference": reference_of(describe_file(staged, staged / "reference")),
            "default_variant": default,
        }
        store.commit(recipe, hashlib.sha256(seed).hexdigest(), staged, export_of(**fields | more))


def test_the_default_is_the_smallest_that_is_surely_within_its_tolerance() -> None:
    assert default_variant({name: variant(size) for name, size in SIZES.items()}) == "dynamic"
    doubtful = {name: variant(size) for name, size in SIZES.items()} | {"dynamic": variant(200, "INCONCLUSIVE")}
    assert default_variant(doubtful) == "int8"


def test_sixteen_bits_are_too_slow_to_be_the_default_where_anything_else_will_do() -> None:
    assert default_variant({"fp32": variant(800), "int16x8": variant(100)}) == "fp32"
    assert default_variant({"fp32": variant(800, "INCONCLUSIVE"), "int16x8": variant(100)}) == "int16x8"


def test_a_large_fp32_stays_out_of_the_app_unless_it_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("export.output.assets.LARGEST_FP32_BYTES", SIZES["fp32"] - 1)
    for default, shipped in (("dynamic", ["dynamic"]), ("fp32", ["fp32"])):
        store, assets = Store(tmp_path / default), tmp_path / default / "assets"
        store.folder.mkdir()
        export(store, "tiny", default=default)
        update_assets(store, ("tiny",), assets)
        entries = json.loads((assets / CATALOG).read_text())["models"]
        assert [entry["variant"] for entry in entries] == shipped
        assert len(list(assets.glob("*.tflite"))) == 1


def test_where_nothing_is_sure_the_default_is_the_largest_that_there_is() -> None:
    unsure = {name: variant(size, "INCONCLUSIVE") for name, size in SIZES.items()}
    assert default_variant(unsure) == "fp32"
    assert default_variant({"int8": unsure["int8"]}) == "int8"


def test_the_catalogue_holds_the_default_and_fp32_as_documented(tmp_path: Path) -> None:
    store, assets = Store(tmp_path), tmp_path / "assets"
    export(store, "tiny", screen="gallery", door=IMAGENET_DOOR)
    assert update_assets(store, ("tiny",), assets)
    catalog = json.loads((assets / CATALOG).read_text())
    sha256 = {name: store.records["tiny"].variants[name].sha256 for name in SIZES}
    shared = {"recipe": "tiny", "screen": "gallery", "door": {"dog": [151, 268], "cat": [281, 285]}}
    assert catalog == {
        "format": "handset.catalog/1",
        "models": [
            shared
            | {
                "variant": name,
                "path": f"tiny_{name}-{sha256[name][:8]}.tflite",
                "sha256": sha256[name],
                "default": name == "dynamic",
            }
            for name in ("dynamic", "fp32")
        ],
    }
    for entry in catalog["models"]:
        assert hashlib.sha256((assets / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


def test_a_model_without_a_door_has_no_such_key(tmp_path: Path) -> None:
    store = Store(tmp_path)
    export(store, "tiny", default="fp32")
    update_assets(store, ("tiny",), tmp_path / "assets")
    (entry,) = json.loads((tmp_path / "assets" / CATALOG).read_text())["models"]
    assert "door" not in entry
    assert (entry["variant"], entry["default"]) == ("fp32", True)


def test_shipping_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    store, assets = Store(tmp_path), tmp_path / "assets"
    export(store, "tiny")
    assert update_assets(store, ("tiny",), assets)
    times = {path: path.stat().st_mtime_ns for path in assets.iterdir()}
    assert not update_assets(store, ("tiny",), assets)
    assert {path: path.stat().st_mtime_ns for path in assets.iterdir()} == times


@pytest.mark.parametrize("damage", ["catalogue gone", "catalogue cut", "model gone", "model damaged"])
def test_damaged_assets_are_brought_in_step(tmp_path: Path, damage: str) -> None:
    store, assets = Store(tmp_path), tmp_path / "assets"
    export(store, "tiny")
    update_assets(store, ("tiny",), assets)
    before = {path.name: path.read_bytes() for path in assets.iterdir()}
    path = assets / CATALOG if "catalogue" in damage else next(assets.glob("*.tflite"))
    if "gone" in damage:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-7])
    assert update_assets(store, ("tiny",), assets)
    assert {path.name: path.read_bytes() for path in assets.iterdir()} == before


def test_new_models_replace_the_old_ones_and_nothing_else(tmp_path: Path) -> None:
    store, assets = Store(tmp_path), tmp_path / "assets"
    export(store, "tiny", b"old")
    update_assets(store, ("tiny",), assets)
    old = {path.name for path in assets.glob("*.tflite")}
    theirs = {"my_own.tflite", "notes.txt", ".gitkeep"}
    for name in theirs:
        (assets / name).write_text("theirs")
    (assets / ".tiny_fp32-01234567.tflite.part-89abcdef").write_bytes(b"left by a killed export")
    export(store, "tiny", b"new")
    assert update_assets(store, ("tiny",), assets)
    entries = json.loads((assets / CATALOG).read_text())["models"]
    assert {path.name for path in assets.iterdir()} == {CATALOG, *theirs, *(entry["path"] for entry in entries)}
    assert not old & {path.name for path in assets.iterdir()}


def test_a_damaged_model_is_never_shipped(tmp_path: Path) -> None:
    store, assets = Store(tmp_path), tmp_path / "assets"
    export(store, "tiny", b"old")
    update_assets(store, ("tiny",), assets)
    before = {path.name: path.read_bytes() for path in assets.iterdir()}
    export(store, "tiny", b"new")
    (tmp_path / "tiny" / "tiny_fp32.tflite").write_bytes(b"damaged")
    with pytest.raises(ExportError, match=r"tiny_fp32\.tflite is missing or damaged; run python -m export tiny$"):
        update_assets(store, ("tiny",), assets)
    assert {path.name: path.read_bytes() for path in assets.iterdir()} == before
