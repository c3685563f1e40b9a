"""What holds for every test."""

import os
import signal
from collections import defaultdict

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong; and a change must not fail for an example that it did not bring about.
settings.register_profile("patient", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "patient")

JAVA = ("tests/android/", "tests/benchmarks/runners/test_kotlin")
"""Tests that build with Maven, always in the same folders: `make test-all` runs them last, in one process."""


def pytest_configure() -> None:
    """A shell makes its background jobs deaf to Ctrl-C, and their children inherit that; tests of Ctrl-C must not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that build with Maven can be chosen with `-m java`."""
    for item in items:
        if item.nodeid.startswith(JAVA):
            item.add_marker(pytest.mark.java)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a reason, with how many tests it kept from running; a reason says what to install."""
    counts: dict[str, int] = defaultdict(int)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        counts[reason.removeprefix("Skipped: ")] += 1
    for reason, count in sorted(counts.items()):
        terminalreporter.write_line(f"skipped: {count} {'test' if count == 1 else 'tests'}, {reason}")
