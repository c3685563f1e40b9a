"""Several questions in one round trip: each keeps its exit code and its words; a refusal is no absence."""

import pytest

from benchmarks.adb.questions import ShellAnswer, ask
from tests.benchmarks.conftest import Attach, Start

SECURITY = (
    "\nException occurred while executing 'list':\n"
    "java.lang.SecurityException: Shell does not have permission to access user 150\n\tat com.android…\n"
)


def test_every_answer_keeps_its_exit_code_and_what_was_said_on_either_stream(start: Start, attach: Attach) -> None:
    phone = attach(start())
    questions = [["echo", "it's; $? `x`"], ["false"], ["ls", "/nowhere"], ["no-such-command"], ["true"]]
    answers = ask(phone, questions)
    assert [answer.exit_code for answer in answers] == [0, 1, 1, 127, 0]
    assert answers[0].output == "it's; $? `x`\n"
    assert answers[2].output == "ls: /nowhere: No such file or directory\n"
    assert answers[4].output == ""


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (ShellAnswer(255, SECURITY), "java.lang.SecurityException: Shell does not have permission to access user 150"),
        (ShellAnswer(1, "df: /data/local/tmp: Permission denied\n"), "df: /data/local/tmp: Permission denied"),
        (
            ShellAnswer(0, "Permission Denial: can't dump BatteryService from pid=1, uid=2000\n"),
            "Permission Denial: can't dump BatteryService from pid=1, uid=2000",
        ),
        (ShellAnswer(3, ""), "exit code 3"),
        (ShellAnswer(0, "Can't find service: thermalservice\n"), None),
        (ShellAnswer(1, "Can't find service: thermalservice\n"), None),
        (ShellAnswer(127, "/system/bin/sh: getconf: inaccessible or not found\n"), None),
        (ShellAnswer(0, "level: 87\n"), None),
        (ShellAnswer(0, "window of an app: ExceptionActivity\n" + "x" * 5000), None),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_refusal_is_neither_an_answer_nor_an_absence(answer: ShellAnswer, refusal: str | None) -> None:
    assert answer.refusal == refusal


def test_a_service_that_is_not_there_yet_is_no_answer_either() -> None:
    starting = ShellAnswer(20, "cmd: Can't find service: package\n")
    assert (starting.refusal, starting.failure) == (None, "cmd: Can't find service: package")
    assert ShellAnswer(0, "").failure is None
