"""What `manifest.json` holds of a packed file: its tensors, its operators, and how it compares with Keras."""

from typing import Annotated

from msgspec import Meta, field

from benchmarks.formats.declared import Count, Declared, Line, Sha256, Share, about

Interval = Annotated[tuple[float, float], about("[low, high], 95 %")]
Seconds = Annotated[float, Meta(ge=0)]


class FileRecord(Declared, frozen=True):
    """A file of the export; `path` is relative to the manifest's folder."""

    path: Annotated[Line, about("relative to the manifest's folder")]
    sha256: Sha256
    size_bytes: Count = field(name="bytes")


class TensorSpec(Declared, frozen=True, omit_defaults=True):
    """An input or output. `scale` and `zero_point` are None for a float tensor."""

    name: str
    shape: tuple[int, ...]
    dtype: Line
    scale: Annotated[float | None, about("real = (q − zero_point)·scale; absent where not quantised")] = None
    zero_point: int | None = None


class OperatorRecord(Declared, frozen=True):
    """An operator of a model, and how often it is there."""

    name: Line
    version: Count
    count: Count


class ParityRecord(Declared, frozen=True, kw_only=True):
    """How a variant compares with Keras, or with the frozen graph."""

    inputs: Annotated[Count, about("how many inputs were compared")]
    keras_accuracy: Annotated[Share | None, about("top-1; null where the truth is not known")]
    accuracy: Annotated[Share | None, about("top-1; null where the truth is not known")]
    delta_points: Annotated[float | None, about("accuracy − Keras's accuracy, in percentage points")]
    delta_interval: Annotated[Interval | None, about("paired (Newcombe 1998, method 10)")]
    agreement: Annotated[Share, about("share of inputs with Keras's top-1")]
    agreement_interval: Annotated[Interval, about("Wilson 1927")]
    max_probability_difference: Annotated[float, Meta(ge=0, description="the largest difference of any probability")]
    limit_points: Annotated[float, about("allowed points of accuracy, or of disagreement where the truth is not known")]
    verdict: Annotated[
        Line, about("PASS; INCONCLUSIVE, a warning: the interval straddles the limit; of a remedy also FAIL")
    ]
    numerically_same: Annotated[
        bool,
        about("no probability differs by more than 1e-5, nor by half the smallest distance of the two highest: PASS"),
    ] = False
    inputs_to_decide: Annotated[
        Count | None, about("how many inputs like these the interval needs; null where it decides, or no number does")
    ] = None

    @property
    def in_words(self) -> str:
        """The loss, its interval, the number of inputs, and the limit."""
        if self.delta_points is not None and self.delta_interval is not None:
            low, high = self.delta_interval
            lost = f"accuracy {self.delta_points:+.2f} points (95 %: {low:+.2f} to {high:+.2f})"
        else:
            low, high = self.agreement_interval
            lost = f"agreement with Keras {self.agreement:.1%} (95 %: {low:.1%} to {high:.1%})"
        return f"{lost} on {self.inputs} inputs, {self.limit_points:g} points may be lost"


class VariantRecord(FileRecord, frozen=True, kw_only=True):
    """A packed `.tflite` file."""

    seconds: Annotated[Seconds, about("to convert and pack")]
    calibration_samples: Annotated[Count | None, about("beside an all-black and an all-white picture")] = None
    float_layers: Annotated[tuple[str, ...] | None, about("of int8_mixed: outputs of the layers left in float")] = None
    input: TensorSpec
    output: TensorSpec
    operators: tuple[OperatorRecord, ...]
    minimum_runtime: Annotated[str | None, about("the oldest TensorFlow Lite that the converter believes will do")]
    parity: Annotated[ParityRecord | None, about("null for a file that came as `.tflite`; see below")]
    accuracy: Annotated[Share | None, about("top-1 in LiteRT on this computer, only where `parity` is null")] = None

    @property
    def verdict(self) -> str | None:
        """The verdict on its parity, None where there is none."""
        return None if self.parity is None else self.parity.verdict


class RemedyRecord(Declared, frozen=True, kw_only=True):
    """What was tried because int8 failed; null where it could not be made, or does not run."""

    remedy: Annotated[Line, about("`int8`: what failed; `more_calibration`; `int16x8`; `int8_mixed`")]
    size_bytes: Count | None = field(name="bytes", default=None)
    seconds: Seconds | None = None
    calibration_samples: Count | None = None
    float_layers: tuple[str, ...] | None = None
    parity: Annotated[ParityRecord | None, about("its `verdict` may be FAIL here")] = None
    refused: Annotated[str | None, about("why it could not be made, or does not run")] = None


class TrainedWithRecord(Declared, frozen=True, kw_only=True):
    """The same Keras model, asked with the preprocessing of its training and with its ImageSpec."""

    preprocessing: Annotated[Line, about("`tf_bilinear`, `tf_bicubic` or `keras_nearest`; see below")]
    inputs: Annotated[Count, about("how many inputs were compared")]
    training_accuracy: Annotated[Share | None, about("top-1 with the training's preprocessing")]
    accuracy: Annotated[Share | None, about("top-1 with the ImageSpec; null where the truth is not known")]
    delta_points: Annotated[float | None, about("ImageSpec − training, in percentage points")]
    delta_interval: Annotated[Interval | None, about("paired")]
    agreement: Annotated[Share, about("share of inputs answered alike")]
    agreement_interval: Interval
    max_probability_difference: Annotated[float, Meta(ge=0, description="the largest difference of any probability")]
