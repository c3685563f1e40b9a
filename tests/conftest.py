"""What holds for every test."""

import os
import signal

from hypothesis import settings

# A busy machine is slow, not wrong; and a change must not fail for an example that it did not bring about.
settings.register_profile("patient", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "patient")


def pytest_configure() -> None:
    """A shell makes its background jobs deaf to Ctrl-C, and their children inherit that; tests of Ctrl-C must not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
