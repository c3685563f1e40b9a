"""The tiny models that the golden jobs run: seeded, untrained, and otherwise exactly what an export packs."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.convert.convert import convert, freeze, with_black_and_white
from export.recipe import STANDARD, Variant
from metadata import writer
from metadata.card import CenterSquare, ImageSpec, ModelCard, Resize
from metadata.support_library import load_support

COLOUR = ImageSpec(
    24, 24, 3, mean=(127.5,) * 3, std=(127.5,) * 3, crop=CenterSquare(7, 8), resize=Resize.PILLOW_BILINEAR
)
DIGIT = ImageSpec(28, 28, 1, mean=(0.0,), std=(255.0,))
LABELS = {"colour": ("ant", "bee", "cat", "dog"), "digit": tuple("0123456789"), "sigmoid": ("cat", "dog")}
SEED = 7
STATED_SIZE = (40, 24)
CALIBRATION = 50


def models() -> Mapping[str, bytes]:
    """Every model file by name.

    `bare_fp32` carries nothing: no labels and no preprocess.json. Google's own writer packed the `standard` ones: they
    carry nothing of the kit. `no_classifier_fp32` makes a picture of a picture. `text` is no model. `unusual` has more.
    """
    files = {"text.tflite": b"This is no model.\n", "no_classifier_fp32.tflite": _no_classifier(), **unusual()}
    variants = {"colour": STANDARD, "digit": (Variant.FP32, Variant.INT8)}
    for name, image in (("colour", COLOUR), ("digit", DIGIT)):
        frozen = freeze(_classifier(image, len(LABELS[name])), image)
        calibration = with_black_and_white(_calibration(image))
        for variant in variants[name]:
            plain = convert(frozen, variant, calibration, image)
            files[f"{name}_{variant}.tflite"] = writer.pack(plain, _card(name, image))
            if name == "colour" and variant is Variant.FP32:
                files["bare_fp32.tflite"] = plain
            if name == "colour" and variant in (Variant.FP32, Variant.INT8):
                files[f"standard_{variant}.tflite"] = packed_by_google(plain, LABELS[name])
    return files


def unusual() -> Mapping[str, bytes]:
    """Classifiers as others make them.

    `sigmoid` has one output; the int8 one has one label and no normalisation, and Google's writer packed it. `any_size`
    takes pictures of any size, of which the int8 one names 40 × 24. `column` gives 1 × 1 × 1 × 4, and names its labels
    as values.
    """
    files = {}
    image, calibration = COLOUR, with_black_and_white(_calibration(COLOUR))
    frozen = freeze(_ending(image, 1, "sigmoid"), image)
    files["sigmoid_fp32.tflite"] = writer.pack(
        convert(frozen, Variant.FP32, calibration, image), _card("sigmoid", image)
    )
    plain = convert(frozen, Variant.INT8, calibration, image)
    files["sigmoid_int8.tflite"] = packed_by_google(plain, ("dog",), change=_leave_normalisation_out)
    column = freeze(_ending(image, 4, "softmax", (1, 1, 4)), image)
    plain = convert(column, Variant.FP32, calibration, image)
    files["column_fp32.tflite"] = packed_by_google(plain, LABELS["colour"], change=_name_values)
    for variant, change in ((Variant.FP32, None), (Variant.INT8, _state_size)):
        files[f"any_size_{variant}.tflite"] = packed_by_google(_any_size(variant), LABELS["colour"], change=change)
    return files


def packed_by_google(
    model: bytes,
    labels: tuple[str, ...],
    mean: float = 127.5,
    std: float = 127.5,
    change: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """`model` with the metadata that tflite-support's own writer gives an image classifier, in [-1, 1] by default.

    `change` is given what the writer says of the graph, and the classes of Google's schema.
    """
    image_classifier = load_support("metadata.python.metadata_writers.image_classifier")
    with tempfile.TemporaryDirectory() as folder:
        label_file = Path(folder, "classes.txt")
        label_file.write_text("".join(f"{label}\n" for label in labels))
        writing = image_classifier.MetadataWriter.create_for_inference(model, [mean], [std], [str(label_file)])
        if change is not None:
            writing._metadata_buffer = _changed(writing._metadata_buffer, change)
        return bytes(writing.populate())


def _changed(metadata: bytes, change: Callable[[Any, Any], None]) -> bytes:
    import flatbuffers  # type: ignore[import-untyped]

    schema = load_support("metadata.metadata_schema_py_generated")
    model = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAsModelMetadata(metadata, 0))
    change(model.subgraphMetadata[0], schema)
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def _name_values(graph: Any, schema: Any) -> None:
    graph.outputTensorMetadata[0].associatedFiles[0].type = schema.AssociatedFileType.TENSOR_VALUE_LABELS


def _leave_normalisation_out(graph: Any, _: Any) -> None:
    graph.inputTensorMetadata[0].processUnits = None


def _state_size(graph: Any, schema: Any) -> None:
    size = schema.ImageSizeT()
    size.height, size.width = STATED_SIZE
    graph.inputTensorMetadata[0].content.contentProperties.defaultSize = size


def _any_size(variant: Variant) -> bytes:
    """A convolution, the mean of all pixels, four labels."""
    import tensorflow as tf

    random = np.random.default_rng(SEED)
    kernel, dense = (tf.constant(random.uniform(-1, 1, shape), tf.float32) for shape in ((3, 3, 3, 8), (8, 4)))

    def classify(pictures: Any) -> Any:
        features = tf.nn.relu(tf.nn.conv2d(pictures, kernel, 2, "SAME"))
        return tf.nn.softmax(4 * tf.reduce_mean(features, (1, 2)) @ dense)

    any_size = tf.TensorSpec((1, None, None, 3), tf.float32, name="image")
    concrete = tf.function(classify).get_concrete_function(any_size)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    if variant is Variant.INT8:
        levels = with_black_and_white(_calibration(COLOUR)).astype(np.float32)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([(picture[np.newaxis] - 127.5) / 127.5] for picture in levels)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    return bytes(converter.convert())


def _no_classifier() -> bytes:
    """A model whose output is a picture."""
    import keras

    image = ImageSpec(8, 8, 3, mean=(0.0,) * 3, std=(255.0,) * 3)
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3, padding="same")])
    return convert(freeze(model, image), Variant.FP32, _calibration(image), image)


def _classifier(image: ImageSpec, labels: int) -> Any:
    return _ending(image, labels, "softmax")


def _ending(image: ImageSpec, outputs: int, activation: str, shape: tuple[int, ...] | None = None) -> Any:
    """The classifier with so many outputs, in this shape."""
    import keras

    keras.utils.set_random_seed(SEED)
    decided = keras.initializers.VarianceScaling(scale=12)  # answers that differ from input to input
    layers = [
        keras.Input((image.height, image.width, image.channels)),
        keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(outputs, activation=activation, kernel_initializer=decided),
        *([keras.layers.Reshape(shape)] if shape else []),
    ]
    return keras.Sequential(layers)


def _calibration(image: ImageSpec) -> Any:
    random = np.random.default_rng(SEED)
    coarse = random.integers(0, 256, (CALIBRATION, image.height // 4, image.width // 4, image.channels), dtype=np.uint8)
    return coarse.repeat(4, 1).repeat(4, 2)


def _card(name: str, image: ImageSpec) -> ModelCard:
    about = "A golden model: seeded, never trained."
    return ModelCard(f"golden_{name}", about, "1", "Handset", "Apache-2.0", image, LABELS[name])
