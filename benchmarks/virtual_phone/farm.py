"""Several virtual phones at once, each in a folder of its own."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.faults import Trouble
from benchmarks.virtual_phone.runner import JobRunner, no_runner
from benchmarks.virtual_phone.state import App, PhoneState


@contextmanager
def virtual_phones(
    count: int = 1,
    *,
    troubles: Iterable[Trouble] = (),
    runner: JobRunner = no_runner,
    apps: Iterable[App] = (),
    folder: Path | None = None,
    known_keys: Iterable[str] = (),
) -> Iterator[tuple[VirtualPhone, ...]]:
    """`count` phones that listen until the context ends. Their files are gone then, unless a `folder` keeps them."""
    with ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handset-virtual-")))
        home.mkdir(parents=True, exist_ok=True)
        apps, troubles, known_keys = tuple(apps), tuple(troubles), tuple(known_keys)
        serials = (f"virtual-{number}" for number in range(1, count + 1))
        states = (PhoneState(serial, home / serial, troubles, runner, apps) for serial in serials)
        yield tuple(stack.enter_context(VirtualPhone(state, known_keys=known_keys)) for state in states)
