"""The EXIF orientation of a picture. EXIF bytes in, a number out; a broken block means upright, as on a phone.

Only the EXIF block counts: Pillow also falls back to XMP, which Android does not.
"""

import struct

UPRIGHT = 1

_HEADER = b"Exif\x00\x00"
_BYTE_ORDERS = {b"II": "<", b"MM": ">"}
_ORIENTATION_TAG = 0x0112
_SHORT, _LONG = 3, 4


def orientation(exif: bytes) -> int:
    """1 to 8 as EXIF 2.32 numbers them, from the block's first directory; 1 where it is missing or unreadable."""
    tiff = exif.removeprefix(_HEADER)
    order = _BYTE_ORDERS.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        return _from_directory(tiff, order)
    except struct.error:  # an offset beyond the block
        return UPRIGHT


def _from_directory(tiff: bytes, order: str) -> int:
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if tag == _ORIENTATION_TAG and kind in (_SHORT, _LONG):
            (value,) = struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'I'}", tiff, entry + 8)
            return int(value) if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
