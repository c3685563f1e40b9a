"""Put another metadata blob into a .tflite file without changing a byte of the model. Bytes in, bytes out.

tflite-support's own populator instead takes the model apart and writes it again with its schema of 2023, which silently
drops what later converters write: in a model of 16-bit activations converted by TensorFlow 2.19 every
`quantized_bias_type` turns from INT64 into FLOAT32. Here operators and weights stay the bytes that the converter wrote,
and the buffer and the entry of the new blob lie in front of them.

A blob replaced this way stays in the file unreferenced if another tool wrote it; one of this kit's is taken out first.
"""

from metadata.front import ALIGNMENT, BUFFERS, METADATA, Front, movable_root, without_front


def splice(flat: bytes, name: str, blob: bytes) -> bytes:
    """`flat`, the FlatBuffer of a .tflite file, with `blob` as its only metadata entry called `name`.

    ModelFileError when `flat` cannot be read, or has root fields or weights that this kit does not know how to move.
    """
    flat = without_front(flat)
    root = movable_root(flat)
    buffers = root.targets(BUFFERS)
    kept = [entry.at for entry in root.tables(METADATA) if entry.text(0) != name]
    front = Front(root, (BUFFERS, METADATA))
    new_buffer = front.put_vector(front.root[BUFFERS], buffers, 1)
    new_entry = front.put_vector(front.root[METADATA], kept, 1)
    front.point(new_buffer, _put_buffer(front, blob))
    front.point(new_entry, _put_entry(front, name, len(buffers)))
    return front.closed() + flat


def _put_buffer(front: Front, blob: bytes) -> int:
    """Append a Buffer table and its data; where the table is."""
    field = front.put_table([True])
    front.align(ALIGNMENT, ahead=4)
    front.put_numbers(field, "B", blob)
    return field - 4


def _put_entry(front: Front, name: str, buffer: int) -> int:
    """Append a Metadata table and its name; where the table is."""
    field = front.put_table([True, True])
    front.put_at(field + 4, buffer)
    front.put_numbers(field, "B", name.encode())
    front.data += b"\0"
    return field - 4
