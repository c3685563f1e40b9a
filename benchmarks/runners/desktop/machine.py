"""This computer, described as a result describes a device."""

import mmap
import platform
import resource
import sys

from benchmarks.formats.job import Accelerator
from benchmarks.formats.result import Acceleration, Device

KIB = 1024
ABIS = {"aarch64": "arm64-v8a", "arm64": "arm64-v8a", "AMD64": "x86_64"}
"""Android's names of processors, by those of other systems."""


def device() -> Device:
    """This machine; without Android, and without a battery."""
    processor = platform.machine()
    return Device(
        manufacturer=None,
        model=platform.processor() or None,
        soc=None,
        android=None,
        sdk=None,
        abi=ABIS.get(processor, processor) or None,
        fingerprint=platform.platform() or None,
        page_bytes=mmap.PAGESIZE,
    )


def acceleration(asked: Accelerator, node_count: int) -> Acceleration:
    """The accelerator used here, always the CPU; the reason where another was asked for."""
    reason = None if asked is Accelerator.CPU else f"this machine's interpreter has no {asked} delegate"
    return Acceleration(asked, Accelerator.CPU, 0, node_count, reason)


def peak_bytes() -> int:
    """The largest memory of this process since its start, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB
