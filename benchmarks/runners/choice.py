"""What runs a virtual phone's jobs: LiteRT on this computer, the app's Kotlin, or the desktop's runner on arm64."""

import argparse
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the option is everyone's, the runners are loaded for virtual phones
    from benchmarks.virtual_phone.runner import JobRunner


class RunnerName(StrEnum):
    """A job runner by name."""

    DESKTOP = "desktop"
    KOTLIN = "kotlin"
    ARM64 = "arm64"


def add_runner_option(parser: argparse.ArgumentParser) -> None:
    """`--runner`, for commands that start virtual phones."""
    parser.add_argument(
        "--runner",
        type=RunnerName,
        choices=list(RunnerName),
        default=RunnerName.DESKTOP,
        help="what runs the jobs of a virtual phone: LiteRT on this computer; the app's Kotlin, which needs "
        "Java 17 and Maven; or arm64 kernels, emulated on other processors (default: %(default)s)",
    )


def job_runner(runner: RunnerName) -> "JobRunner":
    """The runner of that name, ready to run; KotlinRunnerError when the app's cannot be built here."""
    if runner is RunnerName.KOTLIN:
        from benchmarks.runners.kotlin import build, kotlin_runner

        build()
        return kotlin_runner
    if runner is RunnerName.ARM64:
        from benchmarks.runners.arm64.environment import is_arm64, prepare
        from benchmarks.runners.arm64.runner import arm64_runner

        if not is_arm64():
            return arm64_runner(prepare(lambda line: print(line, file=sys.stderr)))
    from benchmarks.runners.desktop.runner import desktop_runner

    return desktop_runner
