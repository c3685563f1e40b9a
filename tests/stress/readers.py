"""Everything of the kit that reads a file somebody else may have written, each with whole files to begin from."""

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compare import comparison_json
from benchmarks.compare.answers import read_listed
from benchmarks.compare.gates import FILE as GATES
from benchmarks.compare.gates import Limits
from benchmarks.formats import desktop_answers, inputs
from benchmarks.formats.archive import ArchiveReader
from benchmarks.formats.classifier import Classifier
from benchmarks.formats.job import decode_job
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.results import encode, read_result
from benchmarks.formats.run_folder import RunFolder
from export.output.assets import update_assets
from export.output.store import Store
from metadata import reader
from metadata.card import ImageSpec, ModelCard
from metadata.check import check
from metadata.labels import read_labels
from metadata.picture import decode
from metadata.preprocess import pixels
from metadata.runtimes import APP_RUNTIME, load_runtime
from tests.benchmarks.exports import UNSAID
from tests.benchmarks.sample_results import evaluation
from tests.stress.mutate import broken, broken_json

GOLDEN = Path(__file__).parents[1] / "golden"
LABELS = [b"cat\ndog\nowl\n", "고양이\n개\n".encode()]
TRUTH = b'{"format": "handset.truth/1", "inputs": [{"id": "0.png", "label": 3}, {"id": "1.png", "label": null}]}'
WRITTEN = GOLDEN / "formats" / "1.0.0"
RUN = (WRITTEN / "run.json").read_bytes()
CATALOG = b'{"format": "handset.catalog/1", "models": []}'
SPEC = ImageSpec(32, 32, 3, (0.0,) * 3, (1.0,) * 3)


@dataclass(frozen=True, slots=True)
class Reader:
    """`read` is given a broken file's bytes and a folder of its own; `break_` breaks one of `whole`."""

    name: str
    whole: Sequence[bytes]
    read: Callable[[bytes, Path], object]
    break_: Callable[[bytes, random.Random], bytes] = broken


def readers(folder: Path) -> tuple[Reader, ...]:
    """All of them; `folder` is for what has to be made first."""
    jobs = sorted((GOLDEN / "jobs").glob("*/job.json"))
    pictures = [path for path in sorted((GOLDEN / "preprocess" / "files").iterdir()) if path.stat().st_size < 200_000]
    models = sorted((GOLDEN / "models").glob("*.tflite"))
    archives = [GOLDEN / "jobs" / "images_int8" / "inputs.zip"]
    result = encode(evaluation(folder))
    manifest = json.dumps({"format": "handset.models/1", "recipes": {"tiny": _recipe()}}).encode()
    spec = json.dumps(SPEC.to_json()).encode()
    return (
        Reader("model", _contents(models), _model),
        Reader("picture", _contents(pictures), lambda data, _: pixels(decode(data, "picture"), SPEC)),
        Reader("labels", LABELS, lambda data, _: read_labels(data, "labels.txt")),
        Reader("archive", _contents(archives), _archive),
        _json("job", _contents(jobs), lambda data, _: decode_job(data)),
        _json("result", [result], lambda data, _: read_result(_put(folder, "job-1.result.json", data))),
        _json("manifest", [manifest], lambda data, at: Manifest.read(_put(at, "manifest.json", data).parent)),
        _json("store", [manifest], _store),
        _json("truth", [TRUTH], lambda data, at: inputs.read(_put(at, "truth.json", data).parent)),
        _json("preprocess", [spec], lambda data, _: _preprocess(data)),
        _json("run", [RUN], lambda data, at: RunFolder.read(_put(at, "run.json", data).parent)),
        _json("catalogue", [CATALOG, (WRITTEN / "catalog.json").read_bytes()], _catalogue),
        _json("exported", [(WRITTEN / "manifest.json").read_bytes()], _exported),
        _json("comparison", [(WRITTEN / "comparison.json").read_bytes()], lambda data, _: comparison_json.decode(data)),
        _json("answers", [(WRITTEN / "answers.json").read_bytes()], lambda data, at: read_listed(_put(at, "a", data))),
        Reader("gates", [GATES.read_bytes()], lambda data, at: Limits.read(_put(at, "gates.toml", data))),
        _json("desktop", [(WRITTEN / "references" / "tiny-inputs.json").read_bytes()], _desktop),
    )


def _json(name: str, whole: Sequence[bytes], read: Callable[[bytes, Path], object]) -> Reader:
    return Reader(name, whole, read, broken_json)


def _contents(paths: Sequence[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def _put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _model(data: bytes, _at: Path) -> None:
    packed = reader.read_bytes(data)
    check(packed, load_runtime(APP_RUNTIME))
    Classifier.of(data)


def _preprocess(data: bytes) -> None:
    try:
        record = json.loads(data)
    except ValueError:
        return  # whoever reads the file says so before a spec is made of it
    ImageSpec.from_json(record)


def _archive(data: bytes, at: Path) -> None:
    with _put(at, "inputs.zip", data).open("rb") as file:
        archive = ArchiveReader(file, 7)
        for name in archive.names:
            archive.read(name)


def _exported(data: bytes, at: Path) -> None:
    Manifest.read(_put(at, "manifest.json", data).parent)


def _desktop(data: bytes, at: Path) -> None:
    shutil.copytree(WRITTEN / "references", at / "references")
    _put(at / "references", "tiny-inputs.json", data)
    desktop_answers.read(at, "tiny", "int8")


def _store(data: bytes, at: Path) -> None:
    """A damaged manifest is one to export anew, never an error."""
    _put(at, "manifest.json", data)
    store = Store(at)
    for record in store.records.values():
        store.damaged(record)


def _catalogue(data: bytes, at: Path) -> None:
    """A damaged catalogue is written anew."""
    assets = at / "assets"
    assets.mkdir(exist_ok=True)
    _put(assets, "catalog.json", data)
    update_assets(Store(at), (), assets)


def _recipe() -> dict[str, object]:
    file = {"path": "tiny/tiny_fp32.tflite", "sha256": "0" * 64, "bytes": 10}
    tensor = {"name": "image", "shape": [1, 32, 32, 3], "dtype": "float32"}
    operators = [{"name": "CONV_2D", "version": 1, "count": 1}]
    made = {"seconds": 0.1, "calibration_samples": None, "float_layers": None, "parity": None}
    variant = file | made | {"input": tensor, "output": tensor, "operators": operators, "minimum_runtime": None}
    return UNSAID | {
        "folder": ".tiny-00000000",
        "fingerprint": "0" * 64,
        "exported_at": "2025-01-02T03:04:05+00:00",
        "card": ModelCard("tiny", "", "1", "", "", SPEC, ("a", "b")).to_json(),
        "door": {"dog": [0, 0], "cat": [1, 1]},
        "evaluation": {"name": "none", "inputs": 2, "labelled": True},
        "variants": {"fp32": variant},
        "default_variant": "fp32",
        "reference": dict.fromkeys(("model", "inputs", "truth", "probabilities"), file),
    }
