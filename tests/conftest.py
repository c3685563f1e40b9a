"""What holds for every test."""

import signal


def pytest_configure() -> None:
    """A shell makes its background jobs deaf to Ctrl-C, and their children inherit that; tests of Ctrl-C must not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
