"""The doggy-door rule: who may come in, from the label a classifier gave. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from metadata.errors import CardError


@dataclass(frozen=True, slots=True)
class Door:
    """Label index ranges, both ends included: a dog comes in, a cat stays inside, anything else stays outside."""

    dog: tuple[int, int]
    cat: tuple[int, int]

    def __post_init__(self) -> None:
        for name, (first, last) in (("dog", self.dog), ("cat", self.cat)):
            if not 0 <= first <= last:
                raise CardError(f"door range {name} {first}..{last} is empty; give first <= last, from 0")

    def answer(self, label: int) -> str:
        """What the door says to the top-1 `label` index."""
        if self.dog[0] <= label <= self.dog[1]:
            return "come in"
        if self.cat[0] <= label <= self.cat[1]:
            return "stay inside"
        return "stay outside"

    def to_json(self) -> dict[str, list[int]]:
        """As the manifest and the app's catalogue hold it."""
        return {"dog": list(self.dog), "cat": list(self.cat)}

    @classmethod
    def from_json(cls, record: Mapping[str, list[int]]) -> Self:
        """The door that `to_json` wrote."""
        (dog_first, dog_last), (cat_first, cat_last) = record["dog"], record["cat"]
        return cls((dog_first, dog_last), (cat_first, cat_last))


# ImageNet's own order: 151 Chihuahua to 268 Mexican hairless; 281 tabby to 285 Egyptian cat.
IMAGENET_DOOR = Door(dog=(151, 268), cat=(281, 285))
