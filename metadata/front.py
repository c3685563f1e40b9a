"""New tables in front of a .tflite file's FlatBuffer, which refer to everything of the old file where it lies.

Offsets in a FlatBuffer are relative and point forward, so what is put in front can refer to the old tables, and the
model stays the bytes that the converter wrote. What is put in front, all integers little-endian:

    root offset, "TFL3", "HANDSET1", length of the part in front
    root vtable and table, then the vectors and tables that replace those of the old file
"""

import struct
from collections.abc import Collection, Mapping, Sequence

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table
from metadata.model_file import IDENTIFIER, KIND

MARK = b"HANDSET1"
HEADER = struct.Struct("<I4s8sI")
ALIGNMENT = 16
OFFSET = ""
"""The kind of a field that refers to a table, a vector or a string; other kinds are struct formats of an integer."""
VERSION, GRAPHS, BUFFERS, METADATA = 0, 2, 4, 6
ROOT: Mapping[int, str] = {VERSION: "I", **dict.fromkeys(range(1, 8), OFFSET)}
"""The fields of the schema's table Model, by slot."""
BUFFER_OFFSET = 1


def movable_root(flat: bytes) -> Table:
    """The root table of `flat`; ModelFileError where it has fields or weights that cannot be referred to from a front.

    `flat` is the FlatBuffer of a .tflite file, without a zip archive after it.
    """
    root = FlatBuffer.of(flat).root(IDENTIFIER, KIND)
    if any(root.has(slot) for slot in range(len(ROOT), root.slot_count)):
        raise ModelFileError("the model's schema is newer than this kit; pack it with the tool that converted it")
    if any(buffer.integer(BUFFER_OFFSET, "Q") > 1 for buffer in root.tables(BUFFERS)):
        raise ModelFileError("weights lie at fixed places after the FlatBuffer; convert without buffer offsets")
    return root


def without_front(flat: bytes) -> bytes:
    """`flat` without the front that this kit put there, if any."""
    if len(flat) < HEADER.size or flat[8:16] != MARK:
        return flat
    return flat[HEADER.unpack_from(flat)[3] :]


class Front:
    """The part in front of `root`'s file: appended in order; offsets are filled in when their targets are known.

    A target in front is appended after the field that refers to it, as offsets point forward.
    """

    def __init__(self, root: Table, replaced: Collection[int]) -> None:
        self.data = bytearray(HEADER.size)
        self._old: list[tuple[int, int]] = []
        self.root = self.put_copy(root, ROOT, replaced)
        """Where the fields of the new root are, by slot."""
        self.point(0, self.root[VERSION] - 4)

    def put(self, code: str, *values: int) -> int:
        """Append values of struct format `code`, the first aligned to 4 bytes; where that is."""
        self.align(4)
        at = len(self.data)
        self.data += struct.pack(f"<{len(values)}{code}", *values)
        return at

    def put_at(self, at: int, value: int) -> None:
        """Overwrite the 32 bits at `at`."""
        struct.pack_into("<I", self.data, at, value)

    def point(self, at: int, target: int) -> None:
        """Make the offset at `at` lead to `target`, both in front."""
        self.put_at(at, target - at)

    def point_back(self, at: int, target: int) -> None:
        """Make the offset at `at` lead to byte `target` of the old file."""
        self._old.append((at, target))

    def align(self, alignment: int, ahead: int = 0) -> None:
        """Pad so that the byte `ahead` bytes further on lies on the alignment."""
        self.data += bytes(-(len(self.data) + ahead) % alignment)

    def put_table(self, written: Sequence[bool]) -> int:
        """Append a vtable and its table of 32-bit fields, those not `written` absent; where the first field is."""
        offsets = [4 + 4 * slot if there else 0 for slot, there in enumerate(written)]
        vtable = self.put("H", 4 + 2 * len(written), 4 + 4 * len(written), *offsets)
        self.align(4)
        return self.put("I", len(self.data) - vtable, *[0] * len(written)) + 4

    def put_copy(self, table: Table, kinds: Mapping[int, str], replaced: Collection[int]) -> dict[int, int]:
        """Append a copy of an old table; where each field is, by slot.

        Fields of `kinds` are copied, others left out; those `replaced` are there and 0 until they are filled in.
        """
        written = {slot for slot in kinds if slot in replaced or table.has(slot)}
        first = self.put_table([slot in written for slot in range(max(kinds) + 1)])
        fields = {slot: first + 4 * slot for slot in kinds}
        for slot in written.difference(replaced):
            if kinds[slot] == OFFSET:
                self.point_back(fields[slot], table.target(slot) or 0)
            else:  # the low bytes of a wider field are a narrow number
                self.put_at(fields[slot], table.integer(slot, kinds[slot]))
        return fields

    def put_vector(self, field: int, old: Sequence[int], new: int) -> int:
        """Append a vector of offsets for the field at `field`: to `old` bytes of the old file, and `new` more.

        Where the first of the new ones is, which are 0 until they are filled in.
        """
        vector = self.put("I", len(old) + new, *[0] * (len(old) + new))
        self.point(field, vector)
        for index, target in enumerate(old, start=1):
            self.point_back(vector + 4 * index, target)
        return vector + 4 + 4 * len(old)

    def put_numbers(self, field: int, code: str, numbers: Sequence[int]) -> None:
        """Append a vector of numbers of struct format `code` for the field at `field`."""
        self.point(field, self.put("I", len(numbers)))
        self.data += struct.pack(f"<{len(numbers)}{code}", *numbers)

    def closed(self) -> bytes:
        """The part in front, whole: the old file's FlatBuffer comes right after it."""
        self.align(ALIGNMENT)
        for at, target in self._old:
            self.point(at, len(self.data) + target)
        HEADER.pack_into(self.data, 0, struct.unpack_from("<I", self.data)[0], IDENTIFIER, MARK, len(self.data))
        return bytes(self.data)
