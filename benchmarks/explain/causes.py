"""The causes by their ids: what each one is, in a sentence, and what to do about it. Texts only.

Ids are stable: scripts and docs/explain.md use them.
"""

from typing import NamedTuple

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause


class CauseText(NamedTuple):
    """A cause in words."""

    summary: str
    remedy: str


SPEC = "take crop, resize, mean, std and channel order from the model's preprocess.json, not from literals"
EXPORT = "calibrate on 100 or more real pictures that went through the model's own preprocessing, and export again"

CAUSE_TEXTS = {
    # preprocessing
    "CHANNEL-ORDER": CauseText(
        "the phone feeds blue, green, red where the model wants red, green, blue",
        "swap the first and third channel before the model runs; a Bitmap's int is ARGB: red is bits 16 to 23",
    ),
    "WRONG-MEAN": CauseText("the phone subtracts another mean than the model was trained with", SPEC),
    "WRONG-STD": CauseText("the phone divides by another standard deviation than the model was trained with", SPEC),
    "WRONG-NORMALIZATION": CauseText("the phone normalises with another mean and another standard deviation", SPEC),
    "RESIZE-NEAREST": CauseText(
        "the phone resizes by the nearest pixel, and so skips most of the picture",
        "resize with the filter that preprocess.json names, horizontal pass first",
    ),
    "RESIZE-NO-ANTIALIAS": CauseText(
        "the phone resizes bilinearly without antialiasing, and so skips pixels of larger pictures",
        "use a filter whose support grows with the picture, as Pillow's bilinear; Bitmap.createScaledBitmap does not",
    ),
    "RESIZE-FILTER": CauseText(
        "the phone resizes with another filter than the model asks for",
        "resize with the filter that preprocess.json names",
    ),
    "EXIF-IGNORED": CauseText(
        "the phone ignores the EXIF orientation: pictures taken upright reach the model turned by 90°",
        "read the orientation (androidx.exifinterface) and turn the picture before it is cropped",
    ),
    "EXIF-TWICE": CauseText(
        "the phone turns pictures by their EXIF orientation twice",
        "turn either in the decoder or after it: ImageDecoder turns by itself, BitmapFactory does not",
    ),
    "WRONG-ROTATION": CauseText(
        "the phone feeds every picture turned",
        "turn by the sensor's rotation once (ImageProxy.imageInfo.rotationDegrees), and pictures from files not at all",
    ),
    "MIRRORED": CauseText(
        "the phone feeds every picture mirrored", "mirror the preview of the front camera, not the input"
    ),
    "POLARITY": CauseText(
        "the phone feeds the negative: dark is bright and bright is dark",
        "feed the polarity that the model was trained on; MNIST is white ink on black paper",
    ),
    "NO-CROP": CauseText(
        "the phone squeezes the whole picture into the input where the model wants the centre of it",
        "crop the central square that preprocess.json describes before resizing",
    ),
    "WRONG-CROP": CauseText(
        "the phone crops another part of the picture than the model asks for",
        "crop as preprocess.json describes: side = min(width, height) · num / den, or not at all",
    ),
    "JPEG-DECODER": CauseText(
        "the phone's JPEG decoder differs from this computer's by a few levels",
        "nothing: decoders may differ; where it flips answers the model is fragile, so train with JPEG noise",
    ),
    # on any arrow
    "LABEL-SHIFT": CauseText(
        "the labels are off by one: the answers are right, their names are not",
        "use the label file that the model carries; 1001 ImageNet labels begin with background, 1000 do not",
    ),
    # runtime
    "STALE-MODEL": CauseText(
        "the phone runs an older file of this model",
        "push or package the file again: python -m benchmarks clean, or make export and make install for the app",
    ),
    "OTHER-MODEL": CauseText("the phone runs another model's file", "check the path that the model is loaded from"),
    "KERNEL-SET": CauseText(
        "the phone computes without XNNPACK, and this computer with it",
        "set Interpreter.Options.setUseXNNPACK alike on both sides; int8 rounds differently without it",
    ),
    "THREADS": CauseText(
        "the number of threads changes the answers", "fix the thread count in the app to the one that was measured"
    ),
    "ACCELERATOR": CauseText(
        "the phone's accelerator computes otherwise than a CPU",
        "compare with --accelerator cpu; keep the accelerator only where the accuracy holds",
    ),
    "ACCELERATOR-FALLBACK": CauseText(
        "the phone did not give the accelerator that was asked for",
        "see the reason; choose a variant that the accelerator takes, or ask for the CPU",
    ),
    "RUNTIME-VERSION": CauseText(
        "the phone's TensorFlow Lite is another version than this computer's",
        "compare with the same version: make runtimes runs the exported models in the app's",
    ),
    # runtime, layer by layer
    "HALF-PRECISION": CauseText(
        "the phone computes in half precision, from some layer on",
        "keep it where the accuracy holds; else ask for floats (GPU: setPrecisionLossAllowed(false)) or the CPU",
    ),
    "KERNEL-ROUNDING": CauseText(
        "no layer is wrong by itself: the phone's kernels round a little otherwise, which adds up along the network",
        "nothing, where the gates hold; else fp16 or fp32, whose differences stay smaller",
    ),
    "OTHER-ROUNDING": CauseText(
        "the phone rounds otherwise, by more than kernels of a CPU do",
        "nothing, where the gates hold; else compare with --accelerator cpu, which rounds as this computer does",
    ),
    "ONE-KERNEL": CauseText(
        "one operator computes something else on the phone, and the layers behind it only carry that on",
        "run without what computes it there (--accelerator cpu, setUseXNNPACK), and report it with layers.json",
    ),
    "STALE-WEIGHTS": CauseText(
        "layers with weights compute other values: with weights of another file, or a kernel wrong for their shapes",
        "delete what the accelerator compiled from an older file, and package the file again; compare a file that "
        "lies on the phone with python -m benchmarks layers --file",
    ),
    # conversion
    "RANDOM-CALIBRATION": CauseText("int8 was calibrated on noise instead of pictures", EXPORT),
    "CLIPPED-CALIBRATION": CauseText(
        "int8 was calibrated on too narrow a range: larger values of real pictures are cut off",
        f"{EXPORT}; add bright, dark and contrasty ones",
    ),
    "UNNORMALIZED-CALIBRATION": CauseText("int8 was calibrated on pictures with another normalisation", EXPORT),
    "WIDE-CALIBRATION": CauseText(
        "int8 was calibrated on far too wide a range: its steps are too coarse for real pictures", EXPORT
    ),
    "LAYER-PRECISION": CauseText(
        "one layer causes most of the quantisation error",
        "leave that layer in float or 16 bits, or even out its weights (batch normalisation, weight decay)",
    ),
    "ROUNDING": CauseText(
        "ordinary rounding to fewer bits; the ranges fit the pictures and no layer stands out",
        "nothing, where the gates hold; else fp16, or training aware of quantisation",
    ),
    # on any arrow
    "UNEXPLAINED": CauseText(
        "none of the usual causes reproduces the difference",
        "look at one picture at every stage with python -m benchmarks classify; run --limit 32 --model-inputs returns "
        "the tensors that the phone feeds its model",
    ),
}


def cause(id_: str, arrow: ArrowName, evidence: str, score: float) -> Cause:
    """The cause of that id with its words; `id_` may join several with a plus sign."""
    parts = [CAUSE_TEXTS[part] for part in id_.split("+")]
    summary, remedy = "; and ".join(one.summary for one in parts), "; ".join(dict.fromkeys(one.remedy for one in parts))
    return Cause(id_, arrow, summary, evidence, remedy, min(1.0, max(0.0, score)))
