"""What this machine says of itself, in the words a result has for a device."""

import platform
import resource
import sys

from benchmarks.formats.job import Accelerator
from benchmarks.formats.result import Acceleration, Device

KIB = 1024
ABIS = {"aarch64": "arm64-v8a", "arm64": "arm64-v8a", "AMD64": "x86_64"}
"""What Android calls a processor, by what other systems call it."""


def device() -> Device:
    """This machine; it has no Android, and no battery that anybody asks."""
    processor = platform.machine()
    return Device(
        manufacturer=None,
        model=platform.processor() or None,
        abi=ABIS.get(processor, processor) or None,
        fingerprint=platform.platform() or None,
    )


def acceleration(asked: Accelerator, node_count: int) -> Acceleration:
    """What this machine runs a model on, whatever was asked: its CPU, and then why."""
    reason = None if asked is Accelerator.CPU else f"this machine's interpreter has no {asked} delegate"
    return Acceleration(asked, Accelerator.CPU, 0, node_count, reason)


def peak_bytes() -> int:
    """The most memory that this process ever had, everything it did before included."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB
