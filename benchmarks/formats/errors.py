"""What can go wrong in `benchmarks`. Every message says what, what was got, and what to do.

All derive from BenchmarkError. What can go wrong between this computer and a phone is a tree of its own below it, in
`benchmarks.adb.errors`.
"""


class BenchmarkError(Exception):
    """Base of this package's errors; a command line prints it as one line and exits 2."""


class InputsError(BenchmarkError):
    """An input set or an input archive that is not what docs/formats.md says."""


class FailedInputError(BenchmarkError):
    """One input that cannot be decoded, prepared or run."""


class ModelError(BenchmarkError):
    """A model that is not a classifier of pictures as the kit packs them."""


class JobError(BenchmarkError):
    """A job that cannot be right."""


class ResultError(BenchmarkError):
    """A result that is not whole, or not that of its job."""


class ComparisonError(BenchmarkError):
    """A comparison, a gate or a baseline that is not what docs/formats.md says."""


class StorageError(BenchmarkError):
    """A file that this machine cannot write."""


class ManifestError(BenchmarkError):
    """Exported models that are missing, damaged, or not those that were asked for."""


class RunError(BenchmarkError):
    """A run that cannot start, cannot go on, or is not the one that was asked for."""


class PhoneBusyError(BenchmarkError):
    """Another process of this computer is using the phone."""


class StoppedError(BenchmarkError):
    """The run is to end now, as its user asked."""
