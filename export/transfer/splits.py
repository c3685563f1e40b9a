"""Disjoint splits: which pictures are for training, validation and test. A file's content decides, not its name.

Of copies, byte for byte, one is used over all splits; a picture in two classes is not used at all. Within a class,
pictures are ordered by the sha256 of seed and content, so the same files give the same splits.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.data.folders import report_skipped, say_first
from export.data.split_names import Split
from export.errors import SourceError
from export.recipe import Progress
from export.transfer.classes import Classes, Photo

LEAST_PICTURES = 5  # of a class: three for training, one for validation, one for the test
SHARES = {Split.TEST: 0.2, Split.VALIDATION: 0.1}
READERS = 4

Hashed = tuple[Photo, str]


@dataclass(frozen=True, slots=True)
class Splits:
    """Every picture with its sha256, by split; and how many copies, contradictions and unreadable files were left out.

    A contradiction is a picture that lies in more than one class.
    """

    labels: tuple[str, ...]
    photos: Mapping[Split, tuple[Hashed, ...]]
    duplicates: int = 0
    contradictions: int = 0
    unreadable: int = 0

    def to_json(self) -> dict[str, Any]:
        """What the manifest records: counts, and a hash over labels, contents and splits."""
        return {
            "sha256": self.digest,
            "classes": len(self.labels),
            **{str(split): len(photos) for split, photos in self.photos.items()},
            "duplicates_left_out": self.duplicates,
            "contradictions_left_out": self.contradictions,
            "unreadable_left_out": self.unreadable,
        }

    @property
    def digest(self) -> str:
        """Hex sha256 over the labels and over name, class and content of every picture of every split."""
        listing = [self.labels, *(sorted((p.name, p.label, sha) for p, sha in self.photos[s]) for s in Split)]
        return hashlib.sha256(repr(listing).encode()).hexdigest()


def divide(classes: Classes, seed: int, progress: Progress) -> Splits:
    """The splits of a folder; SourceError for classes with too few different pictures, and for unreadable files."""
    for note in classes.notes:
        progress.say(note)
    with progress.stage("read pictures", len(classes.photos)) as stage:
        hashed, unreadable = _hashed(classes, progress.say, stage.advance)
        stage.advance(0, f"{len(hashed):,} pictures in {len(classes.labels):,} classes")
    single, contradictions = _without_contradictions(hashed, classes.labels, progress.say)
    unique, duplicates = _without_copies(single, progress.say)
    _refuse_few(classes, unique)
    photos = _divided(unique, seed)
    return Splits(classes.labels, photos, duplicates, contradictions, unreadable)


def _hashed(classes: Classes, say: Callable[[str], None], done: Callable[[int], None]) -> tuple[list[Hashed], int]:
    hashed, reasons = [], []
    with ThreadPoolExecutor(READERS) as pool:
        for photo, (sha256, reason) in zip(
            classes.photos, pool.map(_sha256, (photo.path for photo in classes.photos)), strict=True
        ):
            done(1)
            if reason is None:
                hashed.append((photo, sha256))
            else:
                reasons.append(f"{photo.name}: {reason}")
    report_skipped(str(classes.folder), reasons, len(classes.photos), say)
    return hashed, len(reasons)


def _sha256(path: Path) -> tuple[str, str | None]:
    """(hex sha256, None), or an empty text and the reason why the file cannot be used."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return (digest, None) if file.tell() else ("", "empty, 0 bytes; copy it again")
    except OSError as error:
        return "", f"cannot be read, {error.strerror}"


def _without_contradictions(
    hashed: Sequence[Hashed], labels: Sequence[str], say: Callable[[str], None]
) -> tuple[list[Hashed], int]:
    """The pictures that lie in one class only, and how many others there are: their label is not known."""
    under: dict[str, dict[int, str]] = defaultdict(dict)
    for photo, sha256 in hashed:
        under[sha256].setdefault(photo.label, photo.name)
    contradictory = {sha256: names for sha256, names in under.items() if len(names) > 1}
    say_first(
        [
            f"left out {' and '.join(names.values())}: the same picture in {len(names)} classes, "
            f"{' and '.join(labels[label] for label in names)}"
            for names in contradictory.values()
        ],
        "more pictures lie in more than one class",
        say,
    )
    kept = [(photo, sha256) for photo, sha256 in hashed if sha256 not in contradictory]
    return kept, len(hashed) - len(kept)


def _without_copies(hashed: Iterable[Hashed], say: Callable[[str], None]) -> tuple[list[Hashed], int]:
    """One picture of each content, and how many copies there are. A test picture is kept before a training picture."""
    order = {Split.TEST: 0, Split.VALIDATION: 1, Split.TRAIN: 2, None: 2}
    first: dict[str, Photo] = {}
    copies = []
    for photo, sha256 in sorted(hashed, key=lambda item: (order[item[0].split], item[0].name)):
        if sha256 in first:
            copies.append(f"left out {photo.name}: the same picture as {first[sha256].name}")
        else:
            first[sha256] = photo
    say_first(copies, "more copies", say)
    return [(photo, sha256) for sha256, photo in first.items()], len(copies)


def _refuse_few(classes: Classes, photos: Sequence[Hashed]) -> None:
    counts = Counter(photo.label for photo, _ in photos)
    few = [index for index in range(len(classes.labels)) if counts[index] < LEAST_PICTURES]
    if few:
        named = ", ".join(f"{classes.labels[index]} has {counts[index]}" for index in few[:3])
        more = f" and {len(few) - 3} more classes" if len(few) > 3 else ""
        raise SourceError(
            f"{classes.folder}: too few different pictures: {named}{more}; give every class {LEAST_PICTURES} or more"
        )


def _divided(photos: Sequence[Hashed], seed: int) -> dict[Split, tuple[Hashed, ...]]:
    """As the folders state; where they do not, a class's lowest hashes are for test, the next ones for validation."""
    splits: dict[Split, list[Hashed]] = {split: [] for split in Split}
    by_class: dict[int, list[Hashed]] = defaultdict(list)
    for photo, sha256 in photos:
        by_class[photo.label].append((photo, sha256))
    for _, members in sorted(by_class.items()):
        stated = {split: [item for item in members if item[0].split is split] for split in SHARES}
        rest = [item for item in members if item[0].split not in stated]
        rest.sort(key=lambda item: hashlib.sha256(f"{seed}:{item[1]}".encode()).digest())
        for split, share in SHARES.items():
            count = 0 if stated[split] else max(1, round(share * len(members)))
            splits[split] += stated[split] + rest[:count]
            rest = rest[count:]
        splits[Split.TRAIN] += rest
    _refuse_empty(splits, len(by_class))
    return {split: tuple(chosen) for split, chosen in splits.items()}


def _refuse_empty(splits: Mapping[Split, Sequence[Hashed]], classes: int) -> None:
    for split, chosen in splits.items():
        if len({photo.label for photo, _ in chosen}) < classes:
            raise SourceError(f"{split}: not every class has a picture there that is nowhere else; add some")
