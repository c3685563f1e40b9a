import hashlib
import json
from pathlib import Path

import pytest

from benchmarks.formats.models_file import MANIFEST
from benchmarks.formats.variant_record import FileRecord
from export.errors import ExportError
from export.output.store import Store, describe_file, locked
from tests.export.records import export_of, reference_of, variant_of

PRINT = "0123456789abcdef" * 4


def export(store: Store, content: bytes, fingerprint: str = PRINT, recipe: str = "tiny") -> None:
    """Commit an export of one variant and one reference file."""
    with store.staging() as staged:
        (staged / "reference").mkdir()
        for name in ("tiny_fp32.tflite", "reference/truth.json"):
            (staged / name).write_bytes(content)
        variants = {"fp32": variant_of(describe_file(staged, staged / "tiny_fp32.tflite"))}
        reference = reference_of(describe_file(staged, staged / "reference" / "truth.json"))
        store.commit(recipe, fingerprint, staged, export_of(variants=variants, reference=reference))


def test_a_committed_export_is_held_by_every_later_store(tmp_path: Path) -> None:
    export(Store(tmp_path), b"one")
    again = Store(tmp_path)
    assert again.holds("tiny", PRINT)
    assert not again.holds("tiny", PRINT[::-1])
    assert not again.holds("other", PRINT)
    (model,) = again.records["tiny"].variants.values()
    assert model == variant_of(
        FileRecord(".tiny-01234567/tiny_fp32.tflite", hashlib.sha256(b"one").hexdigest(), size_bytes=3)
    )
    assert (tmp_path / "tiny" / "tiny_fp32.tflite").read_bytes() == b"one"
    assert json.loads((tmp_path / MANIFEST).read_text())["format"] == "handset.models/1"


@pytest.mark.parametrize("content", [None, b"", b"tw", b"wto"])
def test_a_missing_or_damaged_file_is_found_and_named(tmp_path: Path, content: bytes | None) -> None:
    export(Store(tmp_path), b"two")
    path = tmp_path / ".tiny-01234567" / "reference" / "truth.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    store = Store(tmp_path)
    assert not store.holds("tiny", PRINT)
    assert store.damaged(store.records["tiny"]) == path


def test_a_newer_export_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    export(Store(tmp_path), b"old")
    export(Store(tmp_path), b"kept", recipe="other")
    export(Store(tmp_path), b"new", PRINT[::-1])
    assert (tmp_path / "tiny" / "tiny_fp32.tflite").read_bytes() == b"new"
    assert {path.name for path in tmp_path.iterdir()} == {
        *(MANIFEST, "tiny", ".tiny-fedcba98", "other", ".other-01234567")
    }


def test_the_same_fingerprint_again_never_touches_the_files_in_use(tmp_path: Path) -> None:
    folders = []
    for content in (b"one", b"two", b"three"):
        export(Store(tmp_path), content)
        folders.append(Store(tmp_path).records["tiny"].folder)
        assert (tmp_path / "tiny" / "tiny_fp32.tflite").read_bytes() == content
    assert folders == [".tiny-01234567", ".tiny-01234567-1", ".tiny-01234567"]


def test_staging_is_gone_when_an_export_fails(tmp_path: Path) -> None:
    with pytest.raises(ExportError), Store(tmp_path).staging() as staged:
        (staged / "half.tflite").write_bytes(b"half")
        raise ExportError("it loses too much")
    assert list(tmp_path.iterdir()) == []


def test_sweeping_takes_only_what_the_kit_left_there(tmp_path: Path) -> None:
    export(Store(tmp_path), b"one")
    ours = (".staging-abc123", ".staging-link", ".manifest.json.part-01234567", ".tiny-fedcba98", ".tiny-01234567-2")
    theirs = ("notes.txt", "photos", "archive.2024", ".git", "my_model.tflite")
    for name in (*ours, *theirs):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("content")
    Store(tmp_path).sweep()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*theirs, MANIFEST, "tiny", ".tiny-01234567"}
    assert (tmp_path / "photos" / "file").read_text() == "content"


def test_a_link_that_leads_nowhere_is_set_right(tmp_path: Path) -> None:
    export(Store(tmp_path), b"one")
    (tmp_path / "tiny").unlink()
    (tmp_path / "tiny").symlink_to("tiny.gone")
    Store(tmp_path).sweep()
    assert (tmp_path / "tiny" / "tiny_fp32.tflite").read_bytes() == b"one"


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"recipes": {"tiny": {}}}',
        b'{"format": "handset.models/9", "recipes": {}}',
        b"\xff",
    ],
)
def test_a_damaged_or_foreign_manifest_holds_nothing(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(manifest)
    assert Store(tmp_path).records == {}


@pytest.mark.parametrize("recipes", [[], 7, {"tiny": None}, {"tiny": {}}, {"tiny": {"fingerprint": PRINT}}])
def test_a_manifest_without_what_it_needs_holds_nothing(tmp_path: Path, recipes: object) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"format": "handset.models/1", "recipes": recipes}))
    assert Store(tmp_path).records == {}


def test_a_folder_that_cannot_be_made_is_named_with_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refusal = r"file/models cannot be written \(Not a directory\); give another .* --out"
    with pytest.raises(ExportError, match=refusal), locked(tmp_path / "file" / "models", print):
        pass


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(ExportError), locked(tmp_path, said.append):
        raise ExportError("stop")
    with locked(tmp_path, said.append):
        pass
    assert said == []
