"""How good a trained model is on the held-out pictures, and which classes it confuses. Values and their text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.evaluation.stats import Interval, wilson
from benchmarks.formats import inputs
from benchmarks.formats.models_file import ExportRecord

WORST = 3


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Of `of` pictures of the class `truth`, `pictures` were classified as `answer`."""

    truth: str
    answer: str
    pictures: int
    of: int


@dataclass(frozen=True, slots=True)
class HeldOutMetrics:
    """Keras's accuracy on the held-out pictures with its 95 % interval, and the most frequent confusions."""

    right: int
    pictures: int
    interval: Interval
    confusions: tuple[ConfusedPair, ...]

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints them; shares from 0 to 1."""
        return {
            "accuracy": round(self.right / self.pictures, 6),
            "interval": [round(self.interval.low, 6), round(self.interval.high, 6)],
            "pictures": self.pictures,
            "confused": [asdict(pair) for pair in self.confusions],
        }

    def lines(self) -> Iterator[str]:
        """The metrics in words, one sentence a line."""
        low, high = self.interval.low, self.interval.high
        yield (
            f"accuracy {self.right / self.pictures:.1%} on {self.pictures} held-out pictures "
            f"(95 %: {low:.1%} to {high:.1%}); nothing was learned from them"
        )
        if self.confusions:
            pairs = ", ".join(f"{one.truth} for {one.answer} ({one.pictures} of {one.of})" for one in self.confusions)
            yield f"most confused: {pairs}; more pictures of these help most"


def held_out_metrics(folder: Path, record: ExportRecord) -> HeldOutMetrics:
    """The metrics of a model of the manifest in `folder`, from its reference's truth and probabilities."""
    truth = np.array(inputs.read((folder / record.reference.truth.path).parent).truth)
    answers = np.load(folder / record.reference.probabilities.path).argmax(axis=1)
    right = int((truth == answers).sum())
    of = Counter(truth.tolist())
    wrong = Counter((int(t), int(a)) for t, a in zip(truth, answers, strict=True) if t != a)
    # Ties are in the order of the labels, so that the same model gets the same metrics.
    worst = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    labels = record.card.labels
    confusions = tuple(ConfusedPair(labels[t], labels[a], count, of[t]) for (t, a), count in worst)
    return HeldOutMetrics(right, len(truth), wilson(right, len(truth)), confusions)
