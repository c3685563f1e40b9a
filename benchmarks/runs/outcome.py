"""How a run is run, and what became of it on one phone. Pure values."""

from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.formats.job import GOOGLE_SCHEDULE, Accelerator, Schedule
from benchmarks.formats.run_file import Cooldown, JobFailure
from benchmarks.runs.session import Patience
from metadata.finding import Finding


@dataclass(frozen=True, slots=True)
class Settings:
    """How every job of a run is run. Between rounds a phone may cool down for `cooldown_s`."""

    threads: int = 4
    accelerator: Accelerator = Accelerator.CPU
    schedule: Schedule = GOOGLE_SCHEDULE
    patience: Patience = field(default_factory=Patience)
    return_fed: bool = False
    """Whether evaluations return the model inputs too."""
    sustain_s: float | None = None
    """How long each variant runs without a pause; None for rounds of all variants with pauses between them."""
    cooldown_s: float = 300.0
    cooldown_poll_s: float = 5.0


@dataclass(slots=True)
class PhoneOutcome:
    """What became of one phone. `ended` says why it stopped early; None when it came to the end of the plan."""

    finished: list[str] = field(default_factory=list)
    failures: list[JobFailure] = field(default_factory=list)
    cooldowns: list[Cooldown] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    """What may distort the phone's numbers and did not stop it."""
    ended: str | None = None
    left_behind: str | None = None
    """Why jobs and inputs could not be deleted from the phone; None when they were."""

    @property
    def is_complete(self) -> bool:
        return self.ended is None and not self.failures


class PhoneProgress(Protocol):
    """Shows how far a phone is."""

    def job(self, title: str, number: int, total: int) -> None:
        """A job begins."""

    def heartbeat(self, done: int, total: int) -> None:
        """`done` of `total` inputs or runs of the job are finished."""

    def say(self, line: str) -> None:
        """Show one line."""

    def end(self) -> None:
        """No further job begins."""
