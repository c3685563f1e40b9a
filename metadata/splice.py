"""Put another metadata blob into a .tflite file without changing a byte of the model. Bytes in, bytes out.

Offsets in a FlatBuffer are relative and point forward, so a new root table, placed in front, can refer to everything
of the old file where it lies. tflite-support's own populator instead takes the model apart and writes it again with
its schema of 2023, which silently drops what later converters write: in a model of 16-bit activations converted by
TensorFlow 2.19 every `quantized_bias_type` turns from INT64 into FLOAT32. Here operators and weights stay the
bytes that the converter wrote.

What is put in front, all integers little-endian:

    root offset, "TFL3", "HANDSET1", length of the part in front
    root vtable and table, buffer offsets, metadata offsets
    Buffer table, Metadata table, the name, the blob

A blob replaced this way stays in the file unreferenced if another tool wrote it; one of this kit's is taken out first.
"""

import struct

from metadata.errors import ModelFileError
from metadata.flatbuffer import FlatBuffer, Table
from metadata.model_file import IDENTIFIER, KIND

MARK = b"HANDSET1"
HEADER = struct.Struct("<I4s8sI")
ALIGNMENT = 16
ROOT_SLOTS = 8
VERSION, BUFFERS, METADATA = 0, 4, 6
BUFFER_OFFSET = 1


def splice(flat: bytes, name: str, blob: bytes) -> bytes:
    """`flat`, the FlatBuffer of a .tflite file, with `blob` as its only metadata entry called `name`.

    ModelFileError when `flat` cannot be read, or has root fields or weights that this kit does not know how to move.
    """
    flat = _without_front(flat)
    root = FlatBuffer.of(flat).root(IDENTIFIER, KIND)
    _refuse_immovable(root)
    buffers = root.targets(BUFFERS)
    kept = tuple(entry.at for entry in root.tables(METADATA) if entry.text(0) != name)
    targets = {slot: root.target(slot) for slot in range(ROOT_SLOTS) if slot not in (VERSION, BUFFERS, METADATA)}

    front = _Front()
    root_fields = front.put_root([BUFFERS, METADATA, *(slot for slot in range(ROOT_SLOTS) if root.has(slot))])
    front.put_at(root_fields + 4 * VERSION, root.integer(VERSION, "I"))
    buffer_vector = front.put("I", len(buffers) + 1, *[0] * (len(buffers) + 1))
    entry_vector = front.put("I", len(kept) + 1, *[0] * (len(kept) + 1))
    front.point(root_fields + 4 * BUFFERS, buffer_vector)
    front.point(root_fields + 4 * METADATA, entry_vector)
    front.point(buffer_vector + 4 + 4 * len(buffers), front.put_buffer(blob))
    front.point(entry_vector + 4 + 4 * len(kept), front.put_entry(name, len(buffers)))
    size = front.close()
    for slot, target in targets.items():
        if target is not None:
            front.point(root_fields + 4 * slot, size + target)
    for vector, elements in ((buffer_vector, buffers), (entry_vector, kept)):
        for index, target in enumerate(elements, start=1):
            front.point(vector + 4 * index, size + target)
    return bytes(front.data) + flat


def _refuse_immovable(root: Table) -> None:
    if any(root.has(slot) for slot in range(ROOT_SLOTS, root.slot_count)):
        raise ModelFileError("the model's schema is newer than this kit; pack it with the tool that converted it")
    if any(buffer.integer(BUFFER_OFFSET, "Q") > 1 for buffer in root.tables(BUFFERS)):
        raise ModelFileError("weights lie at fixed places after the FlatBuffer; convert without buffer offsets")


def _without_front(flat: bytes) -> bytes:
    """`flat` without what an earlier `splice` put in front of it."""
    if len(flat) < HEADER.size or flat[8:16] != MARK:
        return flat
    return flat[HEADER.unpack_from(flat)[3] :]


class _Front:
    """The part in front: bytes are appended in order, and offsets are filled in when their targets are known."""

    def __init__(self) -> None:
        self.data = bytearray(HEADER.size)

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
        """Make the offset at `at` lead to `target`."""
        self.put_at(at, target - at)

    def align(self, alignment: int, ahead: int = 0) -> None:
        """Pad so that the byte `ahead` bytes further on lies on the alignment."""
        self.data += bytes(-(len(self.data) + ahead) % alignment)

    def put_table(self, written: list[bool]) -> int:
        """Append a vtable and its table of 32-bit fields, those not `written` absent; where the first field is."""
        offsets = [4 + 4 * slot if there else 0 for slot, there in enumerate(written)]
        vtable = self.put("H", 4 + 2 * len(written), 4 + 4 * len(written), *offsets)
        self.align(4)
        return self.put("I", len(self.data) - vtable, *[0] * len(written)) + 4

    def put_root(self, slots: list[int]) -> int:
        """Append the root table; where its first field is."""
        fields = self.put_table([slot in slots for slot in range(ROOT_SLOTS)])
        self.point(0, fields - 4)
        return fields

    def put_buffer(self, blob: bytes) -> int:
        """Append a Buffer table and its data; where the table is."""
        fields = self.put_table([True])
        self.align(ALIGNMENT, ahead=4)
        self.point(fields, self.put("I", len(blob)))
        self.data += blob
        return fields - 4

    def put_entry(self, name: str, buffer: int) -> int:
        """Append a Metadata table and its name; where the table is."""
        fields = self.put_table([True, True])
        self.put_at(fields + 4, buffer)
        self.point(fields, self.put("I", len(name.encode())))
        self.data += name.encode() + b"\0"
        return fields - 4

    def close(self) -> int:
        """Pad to the alignment and write the header; how many bytes the part in front has."""
        self.align(ALIGNMENT)
        root = struct.unpack_from("<I", self.data)[0]
        HEADER.pack_into(self.data, 0, root, IDENTIFIER, MARK, len(self.data))
        return len(self.data)
