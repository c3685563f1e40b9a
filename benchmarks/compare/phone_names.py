"""Names of phones for a report. Reports are shared, so a hash replaces every serial number. Values in, values out."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from benchmarks.compare.comparison import ComparedPhone
from benchmarks.formats.mismatch import line_of
from benchmarks.formats.result import UNKNOWN_DEVICE, Device
from benchmarks.formats.run_folder import Record, RunFolder


def phone_id(name: str, phone: Record) -> str:
    """The phone's model and the start of its serial number's hash, `pixel-7-1a2b3c`."""
    return f"{id_part(_model_name(phone))}-{serial_hash(name, phone)[:6]}"


def _model_name(phone: Record) -> str:
    """The phone's own name of its model, `phone` where there is none."""
    model = _facts(phone).get("model") or str(phone.get("title", "")).partition(" (")[0]
    return line_of(str(model)) or "phone"


def serial_hash(name: str, phone: Record) -> str:
    """12 hexadecimal digits of the SHA-256 of the serial number, or of the phone's folder name where it has none."""
    serial = _facts(phone).get("serialno") or name
    return hashlib.sha256(str(serial).encode()).hexdigest()[:12]


def compared_phones(
    runs: Sequence[RunFolder], devices: Mapping[str, Device], virtual: Collection[str]
) -> Iterator[ComparedPhone]:
    """Every phone once, with its failures in all runs.

    `devices` has the device of a phone's results by its id, for a phone whose properties the run did not read;
    `virtual` has the ids of the phones whose results say that they are virtual.
    """
    records: dict[str, list[tuple[str, Record]]] = {}
    for run in runs:
        for name, record in run.record["phones"].items():
            records.setdefault(phone_id(name, record), []).append((name, record))
    for id_, named_records in records.items():
        name, record = named_records[-1]
        facts, device = _facts(record), devices.get(id_, UNKNOWN_DEVICE)
        abis = facts.get("abis") or (device.abi,)
        yield ComparedPhone(
            id=id_,
            title=_title(name, record),
            serial_hash=serial_hash(name, record),
            is_virtual=id_ in virtual or bool(record.get("virtual")),
            android=facts.get("android") or device.android,
            sdk=facts.get("sdk") or device.sdk,
            soc=facts.get("soc") or device.soc,
            abi=next(filter(None, abis), None),
            allowed=tuple(
                dict.fromkeys(finding["id"] for _, record in named_records for finding in record.get("allowed", ()))
            ),
            failures=tuple(line for name, record in named_records for line in _failures(name, record)),
        )


def _title(name: str, record: Record) -> str:
    return f"{_model_name(record)} · {serial_hash(name, record)[:6]}"


def _failures(name: str, record: Record) -> Iterator[str]:
    lines = [failure["message"] for failure in record.get("failures", ())]
    lines += [record[key] for key in ("ended", "left_behind") if record.get(key)]
    yield from (_without_serial(line, name, record) for line in lines)


def _without_serial(line: str, name: str, record: Record) -> str:
    """The line with the phone's serial numbers replaced by their hash."""
    for serial in sorted(filter(None, {_facts(record).get("serialno"), record.get("serial")}), key=len, reverse=True):
        line = line.replace(serial, serial_hash(name, record)[:6])
    return line_of(line) or "no reason given"


def refusals(runs: Sequence[RunFolder]) -> Iterator[str]:
    """A line for each phone that preflight refused."""
    for run in runs:
        for name, record in run.record["phones"].items():
            if record.get("refused"):
                ids = ", ".join(finding["id"] for finding in record["refused"])
                yield f"{_title(name, record)} took no part: {ids}"


def _facts(phone: Record) -> Record:
    """The phone's properties, read before the run; empty for a phone whose results were imported."""
    facts: Record = phone.get("vitals", {}).get("facts", {})
    return facts


def id_part(text: object) -> str:
    """`text` as a part of an id: lower-case letters, digits, dot, dash and underline."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(text)).strip("-").lower()[:60] or "unnamed"
