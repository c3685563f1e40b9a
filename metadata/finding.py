"""What is wrong with a model file, as a value: an id to search for, how bad it is, what was found, what to do."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the model from working as meant; a warning lets it work, but not everywhere or not reliably."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. Ids are stable; summaries carry the numbers and may change."""

    id: str
    severity: Severity
    summary: str
    remedy: str

    def to_json(self) -> dict[str, str]:
        """The finding as `check --json` prints it."""
        return {name: str(value) for name, value in asdict(self).items()}


def error(finding_id: str, summary: str, remedy: str) -> Finding:
    """A finding that stops the model from working as meant."""
    return Finding(finding_id, Severity.ERROR, summary, remedy)


def warning(finding_id: str, summary: str, remedy: str) -> Finding:
    """A finding that does not."""
    return Finding(finding_id, Severity.WARNING, summary, remedy)
