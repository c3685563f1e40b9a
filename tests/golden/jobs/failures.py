"""The golden jobs that have to fail, each for one reason."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.formats.job import InputKind
from benchmarks.formats.result import ErrorKind
from tests.golden.jobs.cases import SAME_TIME, Case, Entries, pictures, stored

MODEL = "colour_fp32.tflite"
OTHER_HASH = "0" * 64


def failing_cases() -> Iterator[Case]:
    """One picture or tensor each, and one thing wrong."""
    yield from _jobs()
    yield from _models()
    yield from _archives()
    yield from _inputs()


def _case(name: str, error: ErrorKind, about: str, entries: Entries | None = None, **changes: Any) -> Case:
    model = changes.pop("model", MODEL)
    kind = changes.pop("kind", InputKind.IMAGES)
    return Case(f"fails_{name}", model, kind, entries or _one(), about, error=error, **changes)


def _one() -> Entries:
    return {"palette_alpha.png": pictures()["palette_alpha.png"]}


def _jobs() -> Iterator[Case]:
    refused = ErrorKind.JOB_REFUSED
    yield _case("job_format", refused, "a format of tomorrow", spoil=lambda job: job.update(format="handset.job/3"))
    yield _case("job_threads", refused, "no thread at all", spoil=lambda job: job.update(threads=0))
    yield _case("job_field_missing", refused, "no accelerator is named", spoil=lambda job: job.pop("accelerator"))
    yield _case(
        "job_mode_and_runs", refused, "an evaluation that counts runs", spoil=lambda job: job.update(num_runs=5)
    )


def _models() -> Iterator[Case]:
    def other_hash(job: dict[str, Any]) -> None:
        job["model"]["sha256"] = OTHER_HASH

    refused = ErrorKind.MODEL_REFUSED
    yield _case("model_hash", refused, "another model than the job names", spoil=other_hash)
    yield _case("model_bare", refused, "pictures for a model without preprocess.json", model="bare_fp32.tflite")
    yield _case("model_is_text", refused, "the right hash of what is no model", model="text.tflite")


def _archives() -> Iterator[Case]:
    def other_hash(job: dict[str, Any]) -> None:
        job["inputs"]["sha256"] = OTHER_HASH

    def other_count(job: dict[str, Any]) -> None:
        job["inputs"]["count"] = 2

    refused = ErrorKind.INPUTS_REFUSED
    yield _case("archive_hash", refused, "other inputs than the job names", spoil=other_hash)
    yield _case("archive_count", refused, "one entry where the job says two", spoil=other_count)
    yield _case("archive_compressed", refused, "an entry that is deflated", zip=_deflated)
    yield _case("archive_path", refused, "an entry above the folder", {"../up.png": b"x"})
    yield _case("archive_folder", refused, "an entry in a folder", {"a/b.png": b"x"})
    yield _case("archive_drive", refused, "an entry with a drive", {"c:d.png": b"x"})
    yield _case("archive_twice", refused, "two entries of one name", {"a.png": b"x", "b.png": b"y"}, zip=_twice)
    yield _case("archive_cut", refused, "an archive without its end", zip=lambda entries: stored(entries)[:-30])
    yield _case("archive_lies", refused, "an entry that claims more than there is", zip=_lying)
    settings = {"mode": "latency", "num_runs": 5, "max_secs": 10, "input_id": "missing.png"}
    yield _case("input_missing", refused, "a latency job for an entry that is not there", settings=settings)


def _inputs() -> Iterator[Case]:
    failed = ErrorKind.INPUT_FAILED
    whole = pictures()["portrait_seven_eighths.png"]
    yield _case("picture_cut", failed, "a PNG that ends early", {"cut.png": whole[: len(whole) // 2]})
    yield _case("picture_bomb", failed, "a small PNG that says it is 20,000 x 20,000", {"bomb.png": _bomb(whole)})
    yield _case("picture_none", failed, "no picture at all", {"text.png": b"not a picture"})
    yield _case("tensor_short", failed, "a tensor of 3 bytes", {"short.tensor": b"abc"}, kind=InputKind.TENSORS)
    yield _case("raw_short", failed, "pixels of another size", {"short.raw": bytes(28 * 28)})


def _bomb(png: bytes) -> bytes:
    """`png` with another size in its header, whose checksum is right."""
    header = png[12:16] + (20_000).to_bytes(4, "big") * 2 + png[24:29]
    return png[:12] + header + zlib.crc32(header).to_bytes(4, "big") + png[33:]


def _deflated(entries: Entries) -> bytes:
    return stored(entries, zipfile.ZIP_DEFLATED)


def _twice(entries: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # that is what is wrong with it
        for data in entries.values():
            archive.writestr(zipfile.ZipInfo("same.png", SAME_TIME), data)
    return file.getvalue()


def _lying(entries: Entries) -> bytes:
    """Both sizes of the first entry, in the central directory, are a million times what is there."""
    data = bytearray(stored(entries))
    central = data.index(b"PK\1\2")
    for offset in (central + 20, central + 24):
        data[offset : offset + 4] = (60_000_000).to_bytes(4, "little")
    return bytes(data)
