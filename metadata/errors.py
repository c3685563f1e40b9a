"""The errors of this package. Every message says what is wrong, what was found, and what to do.

MetadataError
├── CardError            a card, an ImageSpec or a door that cannot be right
├── ModelFileError       bytes that are not a readable .tflite file
├── LabelError           a label file that cannot be used as it is
├── UnknownRuntimeError  a runtime whose operators are not on file
├── OutputError          a result that cannot be written where it was asked for
├── SupportLibraryError  Google's tflite-support is not on this machine
└── PictureError         a picture that the pipeline refuses or cannot decode
"""


class MetadataError(Exception):
    """Base of this package's errors; `python -m metadata` prints it as one line and exits 2."""


class CardError(MetadataError):
    """A card, an ImageSpec or a door that cannot be right."""


class ModelFileError(MetadataError):
    """Bytes that are not a readable .tflite file, or that are not what the kit can pack."""


class LabelError(MetadataError):
    """A label file that cannot be used as it is."""


class UnknownRuntimeError(MetadataError):
    """A runtime whose operators are not on file."""


class OutputError(MetadataError):
    """A result that cannot be written where it was asked for."""


class SupportLibraryError(MetadataError):
    """Google's tflite-support is not on this machine."""


class PictureError(MetadataError):
    """A picture that the pipeline refuses, or cannot decode."""
