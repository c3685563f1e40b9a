"""The causes by their ids: what each one is, in a sentence, and what to do about it. Words only.

An id is stable: scripts and docs/explain.md speak of it.
"""

from typing import NamedTuple

from benchmarks.compare.accuracy import ArrowName
from benchmarks.compare.comparison import Cause


class Text(NamedTuple):
    """A cause in words."""

    summary: str
    remedy: str


SPEC = "take crop, resize, mean, std and channel order from the model's preprocess.json, not from literals"
EXPORT = "calibrate on 100 or more real pictures that went through the model's own preprocessing, and export again"

TEXTS = {
    # preprocessing
    "CHANNEL-ORDER": Text(
        "the phone feeds blue, green, red where the model wants red, green, blue",
        "swap the first and third channel before the model is fed; a Bitmap's int is ARGB: red is bits 16 to 23",
    ),
    "WRONG-MEAN": Text("the phone subtracts another mean than the model was trained with", SPEC),
    "WRONG-STD": Text("the phone divides by another standard deviation than the model was trained with", SPEC),
    "WRONG-NORMALIZATION": Text("the phone normalises with another mean and another standard deviation", SPEC),
    "RESIZE-NEAREST": Text(
        "the phone resizes by the nearest pixel, and so skips most of the picture",
        "resize with the filter that preprocess.json names, horizontal pass first",
    ),
    "RESIZE-NO-ANTIALIAS": Text(
        "the phone resizes bilinearly without antialiasing, and so skips pixels of larger pictures",
        "use a filter whose support grows with the picture, as Pillow's bilinear; Bitmap.createScaledBitmap does not",
    ),
    "RESIZE-FILTER": Text(
        "the phone resizes with another filter than the model asks for",
        "resize with the filter that preprocess.json names",
    ),
    "EXIF-IGNORED": Text(
        "the phone ignores the EXIF orientation: pictures taken upright are fed lying on their side",
        "read the orientation (androidx.exifinterface) and turn the picture before it is cropped",
    ),
    "EXIF-TWICE": Text(
        "the phone turns pictures by their EXIF orientation twice",
        "turn either in the decoder or after it: ImageDecoder turns by itself, BitmapFactory does not",
    ),
    "WRONG-ROTATION": Text(
        "the phone feeds every picture turned",
        "turn by the sensor's rotation once (ImageProxy.imageInfo.rotationDegrees), and pictures from files not at all",
    ),
    "MIRRORED": Text("the phone feeds every picture mirrored", "mirror the preview of the front camera, not the input"),
    "POLARITY": Text(
        "the phone feeds the negative: dark is bright and bright is dark",
        "feed the polarity that the model was trained on; MNIST is white ink on black paper",
    ),
    "NO-CROP": Text(
        "the phone squeezes the whole picture into the input where the model wants the centre of it",
        "crop the central square that preprocess.json describes before resizing",
    ),
    "WRONG-CROP": Text(
        "the phone crops another part of the picture than the model asks for",
        "crop as preprocess.json describes: side = min(width, height) · num / den, or not at all",
    ),
    "JPEG-DECODER": Text(
        "the phone's JPEG decoder differs from this computer's by a few levels",
        "nothing: decoders may differ; where it flips answers the model is fragile, so train with JPEG noise",
    ),
    # wherever answers are made
    "LABEL-SHIFT": Text(
        "the labels are off by one: the answers are right, their names are not",
        "use the label file that the model carries; 1001 ImageNet labels begin with background, 1000 do not",
    ),
    # runtime
    "STALE-MODEL": Text(
        "the phone runs an older file of this model",
        "push or package the file again: python -m benchmarks clean, or make export and make install for the app",
    ),
    "OTHER-MODEL": Text("the phone runs another model's file", "check the path that the model is loaded from"),
    "KERNEL-SET": Text(
        "the phone computes without XNNPACK, this computer with it (or the other way round)",
        "set Interpreter.Options.setUseXNNPACK alike on both sides; int8 rounds differently without it",
    ),
    "THREADS": Text(
        "the number of threads changes the answers", "fix the thread count in the app to the one that was measured"
    ),
    "ACCELERATOR": Text(
        "the phone's accelerator computes otherwise than a CPU",
        "compare with --accelerator cpu; keep the accelerator only where the accuracy holds",
    ),
    "ACCELERATOR-FALLBACK": Text(
        "the phone did not give the accelerator that was asked for",
        "see the reason; choose a variant that the accelerator takes, or ask for the CPU",
    ),
    "RUNTIME-VERSION": Text(
        "the phone's TensorFlow Lite is another version than this computer's",
        "compare with the same version: make runtimes runs the exported models in the app's",
    ),
    # conversion
    "RANDOM-CALIBRATION": Text("int8 was calibrated on noise instead of pictures", EXPORT),
    "CLIPPED-CALIBRATION": Text(
        "int8 was calibrated on too narrow a range: what real pictures excite is cut off",
        f"{EXPORT}; add bright, dark and contrasty ones",
    ),
    "UNNORMALIZED-CALIBRATION": Text("int8 was calibrated on pictures with another normalisation", EXPORT),
    "WIDE-CALIBRATION": Text(
        "int8 was calibrated on far too wide a range: its steps are too coarse for real pictures", EXPORT
    ),
    "LAYER-PRECISION": Text(
        "one layer brings most of the quantisation error",
        "leave that layer in float or 16 bits, or even out its weights (batch normalisation, weight decay)",
    ),
    "ROUNDING": Text(
        "ordinary rounding to fewer bits; the ranges fit the pictures and no layer stands out",
        "nothing, where the gates hold; else fp16, or training aware of quantisation",
    ),
    # any arrow
    "UNEXPLAINED": Text(
        "none of the usual suspects reproduces what differs",
        "look at one picture at every stage with python -m benchmarks classify; run --limit 32 --fed brings home "
        "what the phone feeds its model",
    ),
}


def cause(id_: str, arrow: ArrowName, evidence: str, score: float) -> Cause:
    """The cause of that id with its words; `id_` may join several with a plus sign."""
    parts = [TEXTS[one] for one in id_.split("+")]
    summary, remedy = "; and ".join(one.summary for one in parts), "; ".join(dict.fromkeys(one.remedy for one in parts))
    return Cause(id_, arrow, summary, evidence, remedy, min(1.0, max(0.0, score)))
