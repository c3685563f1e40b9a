"""Rewrites the golden models and jobs: `python -m tests.golden.jobs --rewrite`. The tests only ever read them."""

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.formats.declared import plain
from benchmarks.formats.job import JOB_FILE, JOB_FORMAT, ONCE, PROBE_FORMAT, ProbeJob
from benchmarks.formats.results import StoredResult, read_result
from benchmarks.runners.desktop.runner import run
from tests.golden.jobs.cases import Case, good_cases, stored
from tests.golden.jobs.failures import failing_cases

FORMAT = "handset.golden.jobs/1"
FOLDER = Path(__file__).parent
MODELS = FOLDER.parent / "models"


def result_of(folder: Path, out: Path) -> StoredResult:
    """What the desktop runner makes of the job in `folder`, proved whole."""
    work = run(folder, out)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return read_result(end.value)


def _job(case: Case, archive: bytes) -> dict[str, Any]:
    model = (MODELS / case.model).resolve()
    job = {
        "format": JOB_FORMAT,
        "id": case.name,
        "mode": "evaluate",
        "round": 0,
        "model": {"path": f"../../models/{case.model}", **_file(model.read_bytes())},
        "inputs": {"path": "inputs.zip", **_file(archive), "kind": str(case.kind), "count": len(case.entries)},
        "input_id": None,
        "return_fed": False,
        "threads": 1,
        "accelerator": "cpu",
        "xnnpack": True,
        **msgspec.to_builtins(ONCE),
    }
    if case.is_probe:
        fields = job | {"format": PROBE_FORMAT, "mode": "probe"}
        job = {name: fields[name] for name in ("format", *ProbeJob.__struct_encode_fields__)}
    job |= case.settings
    if case.spoil is not None:
        case.spoil(job)
    return job


def _file(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _write(case: Case) -> None:
    folder = FOLDER / case.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    archive = (case.zip or stored)(case.entries)
    (folder / "inputs.zip").write_bytes(archive)
    (folder / JOB_FILE).write_bytes(_json(_job(case, archive)))
    with tempfile.TemporaryDirectory() as out:
        result = result_of(folder, Path(out))
        expected = _expected(case, result)
        if expected["status"] == "ok":
            (folder / "expected.bin").write_bytes(_answers(result))
            if not case.is_probe and (fed := result.fed()) is not None:
                (folder / "expected_fed.bin").write_bytes(fed.tobytes())
    (folder / "expected.json").write_bytes(_json(expected))


def _answers(result: StoredResult) -> bytes:
    """What the result's own file of answers has."""
    name = result.result.files[0].path
    return (result.path.parent / name).read_bytes()


def _expected(case: Case, stored_result: StoredResult) -> dict[str, Any]:
    failure, ran = stored_result.result.error, stored_result.result.run
    if case.error != (failure and failure.kind):
        raise SystemExit(f"{case.name}: expected {case.error}, got {failure}")
    record: dict[str, Any] = {"format": FORMAT, "about": case.about, "status": "failed" if failure else "ok"}
    if failure is not None:
        return record | {"error_kind": str(case.error)}
    if ran is None:
        return record | {"tensors": [plain(one) for one in stored_result.probe.tensors], "tolerance": case.tolerance}
    return record | {
        "output": {"dtype": str(ran.output.dtype), "shape": [ran.inputs, *ran.output.shape]},
        "tolerance": case.tolerance,
        "fed": None
        if ran.blobs.fed is None
        else {"dtype": str(ran.input.dtype), "shape": [ran.inputs, *ran.input.shape]},
        "fed_levels": case.fed_levels,
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.golden.jobs", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--rewrite", action="store_true", help="replace models, jobs and answers")
    which.add_argument("--probes", action="store_true", help="replace probes alone, made of the models that are there")
    arguments = parser.parse_args()
    from tests.golden.jobs.models import models
    from tests.golden.jobs.probes import probe_cases, probe_models

    made = dict(models()) if arguments.rewrite else {path.name: path.read_bytes() for path in MODELS.glob("*.tflite")}
    probes = probe_models(made)
    cases = [*probe_cases(made)]
    if arguments.rewrite:
        cases += [*good_cases(made), *failing_cases()]
        for old in [*MODELS.glob("*.tflite"), *(path.parent for path in FOLDER.glob(f"*/{JOB_FILE}"))]:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name, data in {**made, **probes}.items():
        (MODELS / name).write_bytes(data)
    for case in cases:
        _write(case)
    size = sum(path.stat().st_size for folder in (FOLDER, MODELS) for path in folder.rglob("*") if path.is_file())
    print(f"{len(probes)} models that are probes, {len(cases)} jobs written, {size} bytes")


if __name__ == "__main__":
    _main()
