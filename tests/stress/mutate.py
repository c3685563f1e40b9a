"""Broken copies of whole files, by a seeded chance: bytes flipped, cut, doubled, spliced; JSON's values swapped."""

import json
import random
from collections.abc import Callable
from typing import Any

NUMBERS = (0, 1, -1, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 10**30)
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1e308,
    float("nan"),
    "",
    "\x00",
    "../../x",
    "a" * 70_000,
    [],
    {},
    [[]],
    {"": 0},
)
MOST_FLIPS = 16


def broken(data: bytes, random_: random.Random) -> bytes:
    """`data` after one to three mutations."""
    for _ in range(random_.randint(1, 3)):
        data = random_.choice(MUTATIONS)(data, random_)
    return data


def broken_json(data: bytes, random_: random.Random) -> bytes:
    """`data`, JSON text, with values or keys exchanged; now and then its bytes are broken as any other's."""
    if random_.random() < 0.2:
        return broken(data, random_)
    record = json.loads(data)
    for _ in range(random_.randint(1, 3)):
        _exchange(record, random_)
    return json.dumps(record).encode()


def _exchange(record: Any, random_: random.Random) -> None:
    """Go down a random way, and change what is there."""
    while True:
        keys = list(record) if isinstance(record, dict) else list(range(len(record)))
        if not keys:
            return
        key = random_.choice(keys)
        inner = record[key]
        if isinstance(inner, (dict, list)) and inner and random_.random() < 0.8:
            record = inner
            continue
        match random_.randrange(4):
            case 0:
                del record[key]
            case 1:
                record[key] = random_.choice([record[other] for other in keys])
            case _:
                record[key] = random_.choice(STRANGE)
        return


def _flip(data: bytes, random_: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random_.randint(1, MOST_FLIPS) if changed else 0):
        changed[random_.randrange(len(changed))] ^= 1 << random_.randrange(8)
    return bytes(changed)


def _cut(data: bytes, random_: random.Random) -> bytes:
    return data[: random_.randint(0, len(data))]


def _drop(data: bytes, random_: random.Random) -> bytes:
    start = random_.randint(0, len(data))
    return data[:start] + data[start + random_.randint(1, 64) :]


def _double(data: bytes, random_: random.Random) -> bytes:
    start = random_.randint(0, len(data))
    end = min(len(data), start + random_.randint(1, 4096))
    return data[:end] + data[start:end] + data[end:]


def _splice(data: bytes, random_: random.Random) -> bytes:
    start, end = random_.randint(0, len(data)), random_.randint(0, len(data))
    return data[:start] + data[end:]


def _number(data: bytes, random_: random.Random) -> bytes:
    size = random_.choice((1, 2, 4, 8))
    value = random_.choice(NUMBERS) % (1 << 8 * size)
    start = random_.randint(0, max(0, len(data) - size))
    return data[:start] + value.to_bytes(size, random_.choice(("little", "big"))) + data[start + size :]


def _noise(data: bytes, random_: random.Random) -> bytes:
    start = random_.randint(0, len(data))
    noise = random_.randbytes(random_.randint(1, 64))
    return data[:start] + noise + data[start + len(noise) :]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _flip,
    _cut,
    _drop,
    _double,
    _splice,
    _number,
    _noise,
)
