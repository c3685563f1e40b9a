"""Results that came back from a farm are copied into their run: only complete ones that the run asked for.

A farm puts what it pulled from a phone into folders of its own, so a result is known by its name and its content. Its
job says which run it belongs to, its device which phone.
"""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.formats.atomic import atomic_write
from benchmarks.formats.errors import ResultError, RunError
from benchmarks.formats.result import Device
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_folder import RunFolder

ROUTE = "imported"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: results by phone, and a line for everything that was left out."""

    phones: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...]
    missing: Mapping[str, tuple[str, ...]]


def import_results(folder: Path, run: RunFolder) -> Imported:
    """Copy every result below `folder` that `run` asked for into the run; RunError when there is none."""
    expected = run.record.packed
    if not expected:
        raise RunError(f"run {run.id} was not packed for a farm; choose one that python -m benchmarks pack began")
    found: dict[str, dict[str, StoredResult]] = defaultdict(dict)
    left_out: list[str] = []
    for path, result in _results(folder, left_out):
        job = path.name.removesuffix(SUFFIX)
        if job not in expected:
            left_out.append(f"{path}: {job} is no job of run {run.id}; it may be of another run")
        elif result.result.error is not None:
            left_out.append(f"{path}: the job failed: {result.result.error.kind}: {result.result.error.message}")
        elif found[_phone(result.result.device)].setdefault(job, result).result != result.result:
            left_out.append(f"{path}: a phone that tells the same of itself gave another result of {job}")
    if not found:
        why = f": {left_out[0]}" if left_out else ""
        raise RunError(f"{folder} holds no result of run {run.id}{why}")
    for phone, results in found.items():
        _keep(run, phone, results, expected)
    return Imported(
        phones={phone: tuple(results) for phone, results in found.items()},
        left_out=tuple(left_out),
        missing={phone: tuple(sorted(set(expected) - _finished(run.phone_folder(phone), expected))) for phone in found},
    )


def _results(folder: Path, left_out: list[str]) -> Iterator[tuple[Path, StoredResult]]:
    for path in sorted(folder.rglob(f"[!.]*{SUFFIX}")):  # not the ._name that macOS zips beside each file
        try:
            yield path, read_result(path)
        except ResultError as error:
            left_out.append(str(error))


def _phone(device: Device) -> str:
    """A name for a phone without a serial number: its model, and the start of a hash over all that is known of it."""
    facts = [device.manufacturer, device.model, device.soc, device.android, device.abi, device.fingerprint]
    return f"{device.model or 'phone'}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:8]}"


def _keep(run: RunFolder, phone: str, results: Mapping[str, StoredResult], expected: tuple[str, ...]) -> None:
    target = run.phone_folder(phone)
    target.mkdir(exist_ok=True)
    for stored in results.values():
        blobs = (blob.path for blob in stored.run.blobs.all)
        for name in (*blobs, stored.path.name):  # the result, which certifies them, last
            with stored.path.with_name(name).open("rb") as source, atomic_write(target / name) as file:
                shutil.copyfileobj(source, file)
    device = next(iter(results.values())).result
    finished = _finished(target, expected)
    run.update_phone(
        phone,
        title=f"{device.device.model or 'phone'} (imported)",
        serial=phone,
        route=ROUTE,
        virtual=device.virtual,
        complete=len(finished) == len(expected),
        finished=tuple(sorted(finished)),
        failures=(),
        refused=(),
        allowed=(),
        ended=None,
        left_behind=None,
    )


def _finished(folder: Path, expected: tuple[str, ...]) -> set[str]:
    """The jobs whose results lie in a phone's folder, from this import or an earlier one."""
    return {job for job in expected if (folder / f"{job}{SUFFIX}").is_file()}
