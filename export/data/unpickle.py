"""Safe unpickling. A pickle is a program; here it may call only the functions on a list."""

import pickle
from collections.abc import Callable, Mapping
from gzip import GzipFile
from struct import error as StructError  # noqa: N812 - an exception deserves a capital
from typing import IO, Any

# Exceptions of unpickling when bytes are damaged, refused or no pickle; found by damaging bytes.
UNREADABLE = (
    *(pickle.UnpicklingError, EOFError, StructError),
    *(ValueError, TypeError, AttributeError, LookupError, OverflowError, MemoryError, RecursionError),
)


class Whitelist(pickle.Unpickler):
    """An unpickler whose every global must be a key ("module.name") of `allowed`; UnpicklingError for any other."""

    def __init__(
        self,
        file: IO[bytes] | GzipFile,
        allowed: Mapping[str, Any],
        persistent: Callable[[Any], Any] | None = None,
        encoding: str = "ASCII",
    ) -> None:
        super().__init__(file, encoding=encoding)
        self._allowed = allowed
        self._persistent = persistent

    def find_class(self, module: str, name: str) -> Any:
        """Return the allowed stand-in for `module.name`."""
        try:
            return self._allowed[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is not allowed: refused") from None

    def persistent_load(self, pid: Any) -> Any:
        """Look up data that torch stores outside the pickle."""
        if self._persistent is None:
            raise pickle.UnpicklingError("it refers to data outside itself: refused")
        return self._persistent(pid)
