"""Several questions to a phone in one round trip, each with its exit code: a refusal is not an empty answer."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.adb.errors import ConnectionLostError
from benchmarks.adb.failures import reason_in
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.shell import quote

ANSWER_S = 30.0
"""How long one of the commands may print nothing; a busy phone's `dumpsys` takes seconds."""
REFUSED = re.compile(r"Exception\b|Permission [Dd]en|not permitted|requires the .*permission")
NOT_OFFERED = re.compile(r"Can't find service|not found|Unknown command|unknown command|bad PAGE_SIZE")
"""Old phones, and makers' own systems, lack some services and commands: nothing was refused then."""
LONGEST_REFUSAL = 2000
"""In characters; with exit code 0 a longer output is an answer in which such a word happens to stand."""


@dataclass(frozen=True, slots=True)
class ShellAnswer:
    """What one command printed, standard error included."""

    exit_code: int
    output: str

    @property
    def failure(self) -> str | None:
        """Why there is no answer, one line in the phone's own words; None where there is one, though it is empty."""
        if self.exit_code == 0 and (len(self.output) > LONGEST_REFUSAL or not REFUSED.search(self.output)):
            return None
        return reason_in(self.output) or f"exit code {self.exit_code}"

    @property
    def refusal(self) -> str | None:
        """The same; None, too, where the phone has no such command or service."""
        return None if NOT_OFFERED.search(self.output) and not REFUSED.search(self.output) else self.failure


def ask(phone: AdbPhone, questions: Sequence[Sequence[str]]) -> list[ShellAnswer]:
    """The answers to commands that are run one after the other, whatever became of those before."""
    mark = secrets.token_hex(8)
    script = "; ".join(f"{quote(words)} 2>&1; echo {mark} $?" for words in questions)
    first, *rest = phone.shell(["sh", "-c", script], idle_timeout_s=ANSWER_S).stdout.split(mark)
    answers: list[ShellAnswer] = []
    output = first
    for part in rest:
        code, _, following = part.partition("\n")
        answers.append(ShellAnswer(int(code), output))
        output = following
    if len(answers) != len(questions):
        raise ConnectionLostError(f"phone {phone.serial} stopped answering; attach it and run it again")
    return answers
