"""A progress that shows nothing, for timing what would otherwise draw."""

from collections.abc import Iterator
from contextlib import contextmanager

from export.recipe import ProgressStage


class _Silence:
    def advance(self, done: int, note: str = "") -> None: ...

    def say(self, line: str) -> None: ...

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[ProgressStage]:  # noqa: ARG002 - the protocol's names
        yield self


SILENT = _Silence()
