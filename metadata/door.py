"""The doggy-door rule: who may come in, from the label a classifier gave. Pure values."""

from dataclasses import dataclass

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


# ImageNet's own order: 151 Chihuahua to 268 Mexican hairless; 281 tabby to 285 Egyptian cat.
IMAGENET_DOOR = Door(dog=(151, 268), cat=(281, 285))
