"""What a run is asked to do, as its file holds it, where a test has no plan of its own."""

from typing import Any

from msgspec.structs import asdict, replace

from benchmarks.formats.job import ONCE, Accelerator
from benchmarks.formats.run_file import RunFile

ASKED = RunFile(
    run="a run",
    complete=False,
    fingerprint="f",
    virtual=False,
    runner=None,
    threads=1,
    accelerator=Accelerator.CPU,
    return_fed=False,
    schedule=asdict(ONCE),
    sustain_s=None,
    rounds=0,
    seed=0,
    limit=None,
    models=(),
    phones={},
)


def asked(**changes: Any) -> RunFile:
    return replace(ASKED, **changes)
