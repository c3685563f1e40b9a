"""Phones as a report may name them: it is shared, and a serial number is nobody's business. Values in, values out."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from benchmarks.compare.comparison import ComparedPhone
from benchmarks.formats.fields import line_of
from benchmarks.formats.result import Device
from benchmarks.formats.run_folder import Record, RunFolder


def phone_id(name: str, phone: Record) -> str:
    """A phone's name without its serial number, but with its hash."""
    return f"{clean(model_of(phone))}-{serial_hash(name, phone)[:6]}"


def model_of(phone: Record) -> str:
    """What the phone calls its model."""
    model = _facts(phone).get("model") or str(phone.get("title", "")).partition(" (")[0]
    return line_of(str(model)) or "phone"


def serial_hash(name: str, phone: Record) -> str:
    """The start of the hash of the phone's own number, or of its folder's name where it has none."""
    serial = _facts(phone).get("serialno") or name
    return hashlib.sha256(str(serial).encode()).hexdigest()[:12]


def phones(
    runs: Sequence[RunFolder], devices: Mapping[str, Device], virtual: Collection[str]
) -> Iterator[ComparedPhone]:
    """Every phone once, with what it failed at in all runs.

    By its id, `devices` has what its results say of it, for a phone that nobody asked itself; `virtual` holds the ids
    of those whose results say that they are.
    """
    records: dict[str, list[tuple[str, Record]]] = {}
    for run in runs:
        for name, record in run.record["phones"].items():
            records.setdefault(phone_id(name, record), []).append((name, record))
    for id_, told in records.items():
        name, record = told[-1]
        facts, device = _facts(record), devices.get(id_, Device())
        abis = facts.get("abis") or (device.abi,)
        yield ComparedPhone(
            id=id_,
            title=f"{model_of(record)} · {serial_hash(name, record)[:6]}",
            serial_hash=serial_hash(name, record),
            is_virtual=id_ in virtual or bool(record.get("virtual")),
            android=facts.get("android") or device.android,
            sdk=facts.get("sdk") or device.sdk,
            soc=facts.get("soc") or device.soc,
            abi=next(filter(None, abis), None),
            allowed=tuple(dict.fromkeys(finding["id"] for _, one in told for finding in one.get("allowed", ()))),
            failures=tuple(line for each, one in told for line in _failures(each, one)),
        )


def _failures(name: str, record: Record) -> Iterator[str]:
    lines = [failure["message"] for failure in record.get("failures", ())]
    lines += [record[key] for key in ("ended", "left_behind") if record.get(key)]
    yield from (without_serial(line, name, record) for line in lines)


def without_serial(line: str, name: str, record: Record) -> str:
    """The line with the hash of the phone's number where its number was."""
    for serial in sorted(filter(None, {_facts(record).get("serialno"), record.get("serial")}), key=len, reverse=True):
        line = line.replace(serial, serial_hash(name, record)[:6])
    return line_of(line) or "no reason given"


def refusals(runs: Sequence[RunFolder]) -> Iterator[str]:
    """A line for each phone that preflight kept out."""
    for run in runs:
        for name, record in run.record["phones"].items():
            if record.get("refused"):
                ids = ", ".join(finding["id"] for finding in record["refused"])
                yield f"{model_of(record)} · {serial_hash(name, record)[:6]} took no part: {ids}"


def _facts(phone: Record) -> Record:
    """What the phone said of itself before the run; nothing of a phone whose results were imported."""
    facts: Record = phone.get("vitals", {}).get("facts", {})
    return facts


def clean(text: object) -> str:
    """`text` as a part of an id: lower-case letters, digits, dot, dash and underline."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(text)).strip("-").lower()[:60] or "unnamed"
