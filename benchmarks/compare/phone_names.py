"""Names of phones for a report. Reports are shared, so a hash replaces every serial number. Values in, values out."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from benchmarks.compare.comparison import ComparedPhone
from benchmarks.formats.mismatch import line_of
from benchmarks.formats.result import UNKNOWN_DEVICE, Device
from benchmarks.formats.run_file import UNKNOWN_FACTS, PhoneFacts, RunPhone
from benchmarks.formats.run_folder import RunFolder


def phone_id(name: str, phone: RunPhone) -> str:
    """The phone's model and the start of its serial number's hash, `pixel-7-1a2b3c`."""
    return f"{id_part(_model_name(phone))}-{serial_hash(name, phone)[:6]}"


def _model_name(phone: RunPhone) -> str:
    """The phone's own name of its model, `phone` where there is none."""
    return line_of(_facts(phone).model or phone.title.partition(" (")[0]) or "phone"


def serial_hash(name: str, phone: RunPhone) -> str:
    """12 hexadecimal digits of the SHA-256 of the serial number, or of the phone's folder name where it has none."""
    serial = _facts(phone).serialno or name
    return hashlib.sha256(serial.encode()).hexdigest()[:12]


def compared_phones(
    runs: Sequence[RunFolder], devices: Mapping[str, Device], virtual: Collection[str]
) -> Iterator[ComparedPhone]:
    """Every phone once, with its failures and notes in all runs.

    `devices` has the device of a phone's results by its id, for a phone whose properties the run did not read;
    `virtual` has the ids of the phones whose results say that they are virtual.
    """
    records: dict[str, list[tuple[str, RunPhone]]] = {}
    for run in runs:
        for name, record in run.record.phones.items():
            records.setdefault(phone_id(name, record), []).append((name, record))
    for id_, named_records in records.items():
        name, record = named_records[-1]
        facts, device = _facts(record), devices.get(id_, UNKNOWN_DEVICE)
        abis = facts.abis or (device.abi,)
        yield ComparedPhone(
            id=id_,
            title=_title(name, record),
            serial_hash=serial_hash(name, record),
            is_virtual=id_ in virtual or record.virtual,
            android=facts.android or device.android,
            sdk=facts.sdk or device.sdk,
            soc=facts.soc or device.soc,
            abi=next(filter(None, abis), None),
            allowed=tuple(dict.fromkeys(finding.id for _, record in named_records for finding in record.allowed)),
            failures=tuple(line for name, record in named_records for line in _failures(name, record)),
            notes=tuple(dict.fromkeys(line for name, record in named_records for line in _notes(name, record))),
        )


def _title(name: str, record: RunPhone) -> str:
    return f"{_model_name(record)} · {serial_hash(name, record)[:6]}"


def _failures(name: str, record: RunPhone) -> Iterator[str]:
    lines = [failure.message for failure in record.failures]
    lines += [line for line in (record.ended, record.left_behind) if line]
    yield from (_without_serial(line, name, record) for line in lines)


def _notes(name: str, record: RunPhone) -> Iterator[str]:
    yield from (_without_serial(f"{note.id}: {note.summary}", name, record) for note in record.notes)


def _without_serial(line: str, name: str, record: RunPhone) -> str:
    """The line with the phone's serial numbers replaced by their hash."""
    for serial in sorted(filter(None, {_facts(record).serialno, record.serial}), key=len, reverse=True):
        line = line.replace(serial, serial_hash(name, record)[:6])
    return line_of(line) or "no reason given"


def refusals(runs: Sequence[RunFolder]) -> Iterator[str]:
    """A line for each phone that preflight refused."""
    for run in runs:
        for name, record in run.record.phones.items():
            if record.refused:
                ids = ", ".join(finding.id for finding in record.refused)
                yield f"{_title(name, record)} took no part: {ids}"


def _facts(phone: RunPhone) -> PhoneFacts:
    """The phone's properties, read before the run; none for a phone whose results were imported."""
    return UNKNOWN_FACTS if phone.vitals is None else phone.vitals.facts


def id_part(text: object) -> str:
    """`text` as a part of an id: lower-case letters, digits, dot, dash and underline."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", str(text)).strip("-").lower()[:60] or "unnamed"
