"""Virtual phones for a soak: by cable, as it were, and by an adb server of our own where there is an adb."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.adb.address import Address
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import AdbError
from benchmarks.adb.keys import load_keys, public_line
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.server import ServerTransport
from benchmarks.phones.app import PACKAGE
from benchmarks.runners.desktop.runner import desktop_runner
from benchmarks.virtual_phone.daemon import VirtualPhone, virtual_phones
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import Adb, adb_in_wheel, installed_adb, running_adb
from tests.stress.soak import Phone, Restart


@contextmanager
def attached(count: int) -> Iterator[tuple[list[Phone], Restart]]:
    """`count` phones, every other one by an adb server, and what restarts that; all is gone when the block ends."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handset-soak-")))
        stack.enter_context(_private(home))
        keys = [public_line(key) for key in load_keys()]
        virtual = stack.enter_context(
            virtual_phones(count, runner=desktop_runner, apps=[App(PACKAGE)], folder=home / "phones", known_keys=keys)
        )
        program = installed_adb() or adb_in_wheel()
        adb = stack.enter_context(running_adb(program, "", home)) if program else None
        phones = [
            Phone(one, stack.enter_context(_by_cable(one) if adb is None or number % 2 == 0 else _by_server(one, adb)))
            for number, one in enumerate(virtual)
        ]

        def restart() -> None:
            if adb is not None:
                adb("kill-server")
                adb("start-server")
                for one in virtual[1::2]:
                    with suppress(AdbError):
                        adb.server.connect(Address.parse(one.address), timeout_s=5)

        yield phones, restart


@contextmanager
def _private(home: Path) -> Iterator[None]:
    """Nobody's own keys, phones or cache."""
    before = {name: os.environ.get(name) for name in ("HANDSET_CACHE", "HOME")}
    os.environ.update(HANDSET_CACHE=str(home / "cache"), HOME=str(home))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _by_cable(phone: VirtualPhone) -> AdbPhone:
    return AdbPhone(over_tcp("127.0.0.1", phone.port, answer_s=2, consent_s=2))


def _by_server(phone: VirtualPhone, adb: Adb) -> AdbPhone:
    adb.server.connect(Address.parse(phone.address), timeout_s=30)
    return AdbPhone(ServerTransport(adb.server, phone.address))
