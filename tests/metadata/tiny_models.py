"""Tiny real models, seeded and converted by TensorFlow itself, for tests to read, pack and break."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

SIZES = {1: (28, 10), 3: (32, 4)}


def classifier(channels: int) -> keras.Model:
    """28×28×1 → 10 or 32×32×3 → 4: one convolution, one dense layer; weights of seed 7."""
    size, classes = SIZES[channels]
    keras.utils.clear_session()  # layer names count up within a process, and go into the file
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.Input((size, size, channels), name="image"),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def fp32(channels: int) -> bytes:
    """The classifier, float in and out."""
    return bytes(tf.lite.TFLiteConverter.from_keras_model(classifier(channels)).convert())


def quantized(channels: int, darkest: float, operators: tf.lite.OpsSet) -> tf.lite.TFLiteConverter:
    """A converter of the classifier, calibrated on pixels from `darkest` to 255 scaled to [-1, 1]."""
    size, _ = SIZES[channels]
    converter = tf.lite.TFLiteConverter.from_keras_model(classifier(channels))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [np.full((1, size, size, channels), (pixel - 127.5) / 127.5, np.float32)] for pixel in (darkest, 90.0, 255.0)
    )
    converter.target_spec.supported_ops = [operators]
    return converter


def int8(channels: int, darkest: float = 0.0) -> bytes:
    """The classifier, uint8 in and out."""
    converter = quantized(channels, darkest, tf.lite.OpsSet.TFLITE_BUILTINS_INT8)
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    return bytes(converter.convert())


def int16x8() -> bytes:
    """The classifier with 16-bit activations: its layers name the type of their bias."""
    operators = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    return bytes(quantized(3, 0.0, operators).convert())


def buffer_offsets() -> bytes:
    """The classifier with its weights after the FlatBuffer, as the converter lays out files beyond 2 GB."""
    converter = tf.lite.TFLiteConverter.from_keras_model(classifier(1))
    converter._experimental_use_buffer_offset = True
    return bytes(converter.convert())


def dense_dynamic() -> bytes:
    """A dense layer large enough for the converter's per-channel dynamic range: FULLY_CONNECTED version 12."""
    keras.utils.clear_session()  # layer names count up within a process, and go into the file
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return bytes(converter.convert())


def without_weights() -> bytes:
    """What the converter makes, without an error, of a Keras 3 model that was not frozen."""
    model = classifier(3)
    function = tf.function(model).get_concrete_function(tf.TensorSpec((1, 32, 32, 3), tf.float32))
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([function], model).convert())


def converted(function: Any, **options: Any) -> bytes:
    """A function of a 1×8×8×3 tensor; `options` are set on the converter."""
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec((1, 8, 8, 3), tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    for name, value in options.items():
        setattr(converter, name, value)
    return bytes(converter.convert())


def two_inputs() -> bytes:
    """The matrix product of two inputs: an operator that has weights in other models."""
    function = tf.function(tf.matmul)
    shapes = tf.TensorSpec((2, 4, 16), tf.float32), tf.TensorSpec((2, 16, 8), tf.float32)
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function(*shapes)]).convert())


def of_function(function: Any, shape: tuple[int | None, ...], dtype: tf.DType = tf.float32) -> bytes:
    """A function of one tensor; None in its shape is a size that is not fixed."""
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(shape, dtype))
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())


def any_size() -> bytes:
    """A classifier of pictures of any size: a convolution, the mean of all pixels, four labels; weights of seed 7."""
    random = np.random.default_rng(7)
    kernel = tf.constant(random.uniform(-1, 1, (3, 3, 3, 8)), tf.float32)
    dense = tf.constant(random.uniform(-1, 1, (8, 4)), tf.float32)

    def classify(pictures: Any) -> Any:
        features = tf.nn.relu(tf.nn.conv2d(pictures, kernel, 2, "SAME"))
        return tf.nn.softmax(tf.reduce_mean(features, (1, 2)) @ dense)

    return of_function(classify, (1, None, None, 3))


def one_sigmoid() -> bytes:
    """One output: the probability of the second of two labels."""
    return of_function(lambda pictures: tf.sigmoid(tf.reduce_mean(pictures, (1, 2, 3), keepdims=True)[..., 0, 0]),
                       (1, 8, 8, 3))  # fmt: skip


ENDS = {
    "logits": lambda scores: scores,
    "mean_of_logits": lambda scores: tf.reduce_mean(tf.reshape(scores, (1, 2, 2)), 2),
    "embedding": lambda scores: tf.math.l2_normalize(scores, -1),
    "tanh": tf.math.tanh,
    "softmax": tf.nn.softmax,
    "mean_of_softmax": lambda scores: tf.reduce_mean(tf.nn.softmax(tf.reshape(scores, (1, 2, 2))), 1),
    "sigmoids": tf.sigmoid,
    "hard_sigmoid": lambda scores: tf.nn.relu6(scores + 3) / 6,
    "average": lambda scores: (tf.nn.softmax(scores) + tf.nn.softmax(2 * scores)) / 2,
}
"""How a graph of four scores ends; the two means have two labels."""


def scores(end: str) -> bytes:
    """Four scores of an 8×8×3 picture, by a dense layer with weights of seed 7, and that end."""
    dense = tf.constant(np.random.default_rng(7).uniform(-1, 1, (3, 4)), tf.float32)
    return of_function(lambda pictures: ENDS[end](tf.reduce_mean(pictures, (1, 2)) @ dense), (1, 8, 8, 3))


def uint8_without_scale() -> bytes:
    """Takes pixels as they are: a cast inside, and no quantisation."""
    return of_function(
        lambda pixels: tf.nn.softmax(tf.reduce_mean(tf.cast(pixels, tf.float32), (1, 2))), (1, 8, 8, 3), tf.uint8
    )


def flex() -> bytes:
    """An operator that TensorFlow Lite has only through the Flex delegate."""
    target = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS])
    return converted(tf.math.tan, target_spec=target)


def custom() -> bytes:
    """An operator that the app would have to bring."""
    return converted(tf.math.digamma, allow_custom_ops=True)
