"""Names of folders: which split one means, and how names are compared."""

import re
import unicodedata
from enum import StrEnum


class Split(StrEnum):
    """What a picture is used for: TRAIN for training, VALIDATION to choose the best epoch, TEST only to measure."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_SPLIT_WORDS = {
    **dict.fromkeys(("train", "training"), Split.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Split.VALIDATION),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), Split.TEST),
}
_FILLERS = frozenset({"", "image", "images", "img", "imgs", "photos", "pictures", "split"})


def split_of(name: str, strictly: bool = False) -> Split | None:
    """The split that a folder's name means: `Training`, `test_set`, `valid1`; `strictly` refuses `seg_train`, too.

    None where no word or several words of the name are a split's.
    """
    words = [re.sub(r"(data)?set$|data$", "", word) for word in re.findall(r"[^\W\d_]+", name.casefold())]
    named = {_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS}
    others = [word for word in words if word not in _SPLIT_WORDS and word not in _FILLERS]
    return named.pop() if len(named) == 1 and not (strictly and others) else None


def nfc(name: str) -> str:
    """The name in one way of writing: a file system or an archive may decompose letters, as a Mac does with Korean."""
    return unicodedata.normalize("NFC", name)


def compared(name: str) -> str:
    """What two names have in common that differ in case, width or composition alone."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
