"""What a result says of its arrays: types and shapes of tensors, and the binary files that hold them."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from benchmarks.formats.declared import Declared, Positive, Sha256, about, text

MAX_SIDE = 1 << 16
FLOAT32_MAX = 3.4028234663852886e38


class TensorType(StrEnum):
    """Element types of a classifier's input and output."""

    FLOAT32 = "float32"
    UINT8 = "uint8"
    INT8 = "int8"


Side = Annotated[int, Meta(ge=1, le=MAX_SIDE)]


class TensorInfo(Declared, frozen=True):
    """A tensor without its batch axis."""

    dtype: TensorType
    shape: Annotated[
        tuple[Side, ...],
        about("without the batch axis: [height, width, channels] and [outputs]; a single one is the second label's"),
    ]
    scale: Annotated[float, Meta(gt=0, le=FLOAT32_MAX)] | None
    zero_point: Annotated[int, Meta(ge=-128, le=255)] | None

    def __post_init__(self) -> None:
        if (self.scale is None) is not (self.zero_point is None) or (self.dtype == TensorType.FLOAT32) is not (
            self.scale is None
        ):
            raise ValueError(
                f"scale is {self.scale} and zero_point {self.zero_point} of {self.dtype}, "
                "not null for float32 and numbers for integers"
            )


BareName = Annotated[
    str, text(r"(?![.])[^/\\:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,4096}", "the bare name of a file beside it")
]


class Blob(Declared, frozen=True):
    """A binary file beside the result."""

    path: Annotated[BareName, about("file name beside the result")]
    sha256: Sha256
    size_bytes: Positive = field(name="bytes")


class Blobs(Declared, frozen=True):
    """The binary files of a job that ended well."""

    outputs: Annotated[
        Blob,
        about("raw, (inputs, outputs) in `output.dtype`, in the archive's order; latency: the last run's"),
    ]
    timings: Annotated[Blob, about("int64 (samples, 3): nanoseconds to decode, preprocess, invoke; 0: no such stage")]
    fed: Annotated[Blob | None, about("(inputs, height, width, channels) in `input.dtype`; null unless `return_fed`")]

    @property
    def all(self) -> tuple[Blob, ...]:
        """Those that are there."""
        return tuple(blob for blob in (self.outputs, self.timings, self.fed) if blob is not None)
