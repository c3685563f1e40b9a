"""What can go wrong in this room. Every message says what, what was got, and what to do.

BenchmarkError
└── InputsError    an input set that is not what docs/formats.md says
"""


class BenchmarkError(Exception):
    """Base of this package's errors; a command line prints it as one line and exits 2."""


class InputsError(BenchmarkError):
    """An input set that is not what docs/formats.md says."""
