"""Who does the app's work on a virtual phone: desktop TensorFlow Lite, or the app's own job runner on this Java."""

import argparse
from enum import StrEnum

from benchmarks.virtual_phone.runner import JobRunner


class Runner(StrEnum):
    """A job runner by name."""

    DESKTOP = "desktop"
    KOTLIN = "kotlin"


def add_runner_option(parser: argparse.ArgumentParser) -> None:
    """`--runner`, for commands that start virtual phones."""
    parser.add_argument(
        "--runner",
        type=Runner,
        choices=list(Runner),
        default=Runner.DESKTOP,
        help="what runs the jobs of a virtual phone: desktop TensorFlow Lite, or the app's Kotlin, which needs "
        "Java 17 and Maven (default: %(default)s)",
    )


def job_runner(runner: Runner) -> JobRunner:
    """The runner of that name, ready to run; KotlinRunnerError when the app's cannot be built here."""
    if runner is Runner.KOTLIN:
        from benchmarks.runs.kotlin_runner import build, kotlin_runner

        build()
        return kotlin_runner
    from benchmarks.desktop_runner.runner import desktop_runner

    return desktop_runner
