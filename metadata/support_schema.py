"""Where each field lies in the tables of Google's TFLite Support metadata: for reading and for writing.

The numbers are the slots of tensorflow_lite_support/metadata/metadata_schema.fbs, tflite-support 0.4.4: a field's
place in its table there, where a union takes two. Fields that the kit neither reads nor writes are left out.
"""

from enum import IntEnum

ENTRY_NAME = "TFLITE_METADATA"
IDENTIFIER = b"M001"
NORMALIZATION_OPTIONS = 1
"""The member of the union ProcessUnitOptions that says how pixels are normalised."""


class ModelSlot(IntEnum):
    """Table ModelMetadata."""

    NAME = 0
    DESCRIPTION = 1
    VERSION = 2
    GRAPHS = 3
    AUTHOR = 4
    LICENSE = 5
    FILES = 6
    MIN_PARSER_VERSION = 7


class GraphSlot(IntEnum):
    """Table SubGraphMetadata."""

    INPUTS = 2
    OUTPUTS = 3
    FILES = 4


class TensorSlot(IntEnum):
    """Table TensorMetadata."""

    NAME = 0
    DESCRIPTION = 1
    CONTENT = 3
    PROCESS_UNITS = 4
    STATS = 5
    FILES = 6


class ContentSlot(IntEnum):
    """Table Content: a union's type, then its value."""

    TYPE = 0
    PROPERTIES = 1


class ImageSlot(IntEnum):
    """Table ImageProperties."""

    COLOR_SPACE = 0
    DEFAULT_SIZE = 1


class ImageSizeSlot(IntEnum):
    """Table ImageSize."""

    WIDTH = 0
    HEIGHT = 1


class ProcessUnitSlot(IntEnum):
    """Table ProcessUnit: a union's type, then its value."""

    TYPE = 0
    OPTIONS = 1


class NormalizationSlot(IntEnum):
    """Table NormalizationOptions."""

    MEAN = 0
    STD = 1


class StatsSlot(IntEnum):
    """Table Stats."""

    MAX = 0
    MIN = 1


class FileSlot(IntEnum):
    """Table AssociatedFile."""

    NAME = 0
    DESCRIPTION = 1
    TYPE = 2
    LOCALE = 3
