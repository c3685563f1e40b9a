"""Random small classifiers of Keras 3 and of Keras 2: the fp32 file answers as `model.predict` does."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.export.own_models.conftest import Desk, answers, levels_of

pytestmark = pytest.mark.usefixtures("tensorflow")
FEW, ALL = 6, 200
CLOSE = 1e-3
ACTIVATIONS = ("relu", "tanh", "elu", "selu", "swish", "softplus", "relu6", "hard_sigmoid", "gelu", None)
# The converter makes a number added after a transposed convolution its bias, which no runtime then loads.
SAFE_AFTER_TRANSPOSED = ("relu", "relu6", "tanh", None)
ENDS = ("softmax", "sigmoid", "logits", "one sigmoid", "one logit", "average", "joined")


def preprocessed(keras: Any, random: Random, picture: Any, fed: Any) -> Any:
    """The picture after a layer, or none, that brings pixels to small numbers."""
    layers = keras.layers
    match random.randrange(4):
        case 0:
            return layers.Rescaling(1 / 127.5, offset=-1)(picture)
        case 1:
            normalization = layers.Normalization()
            normalization.adapt(fed)
            return normalization(picture)
        case 2:
            augmented = layers.RandomFlip()(layers.Rescaling(1 / 255)(picture))
            return layers.RandomRotation(0.1)(augmented)
        case _:
            return picture / 64.0 - 1.5


def block(keras: Any, random: Random, hidden: Any) -> Any:
    """A convolution of some kind, with or without what usually follows."""
    layers = keras.layers
    width, activation = random.choice((3, 4, 6)), random.choice(ACTIVATIONS)
    kind = random.choice((layers.Conv2D, layers.SeparableConv2D, layers.Conv2DTranspose, layers.DepthwiseConv2D))
    options = {} if kind is layers.DepthwiseConv2D else {"filters": width}
    out = kind(kernel_size=random.choice((1, 3)), padding=random.choice(("same", "valid")), **options)(hidden)
    if random.random() < 0.4:
        out = layers.BatchNormalization()(out)
    if kind is layers.Conv2DTranspose and activation not in SAFE_AFTER_TRANSPOSED:
        activation = "relu"
    out = out if activation is None else layers.Activation(activation)(out)
    if random.random() < 0.3:
        out = layers.Add()([out, layers.Dropout(0.5)(out)])
    return layers.MaxPooling2D()(out) if random.random() < 0.3 else out


def nested(keras: Any, random: Random, hidden: Any) -> Any:
    """A block as a model of its own."""
    if random.random() < 0.5:
        return block(keras, random, hidden)
    inside = keras.Input(tuple(hidden.shape[1:]))
    return keras.Model(inside, block(keras, random, inside))(hidden)


def head(keras: Any, end: str, features: Any) -> Any:
    dense = keras.layers.Dense
    match end:
        case "softmax" | "sigmoid":
            return dense(3, activation=end)(features)
        case "logits":
            return dense(3)(features)
        case "one sigmoid":
            return dense(1, activation="sigmoid")(features)
        case "one logit":
            return dense(1)(features)
        case "average":
            return keras.layers.Average()([dense(3, activation="sigmoid")(features) for _ in range(2)])
        case _:
            return keras.layers.Concatenate()([dense(1, activation="sigmoid")(features) for _ in range(3)])


def made(keras: Any, random: Random, end: str, fed: Any) -> Any:
    """A classifier whose scores spread, so that logits are seen to be some."""
    batch = random.choice((None, None, 1, 4))
    picture = keras.Input(batch_shape=(batch, 16, 16, 3), name="pixels")
    hidden = preprocessed(keras, random, picture, fed)
    for _ in range(random.randrange(1, 4)):
        hidden = nested(keras, random, hidden)
    features = keras.layers.GlobalAveragePooling2D()(hidden)
    inputs = {"pixels": picture} if random.random() < 0.2 else picture
    model = keras.Model(inputs, head(keras, end, features))
    if end in ("logits", "one logit"):
        scores = predicted(model, fed)
        kernel, _ = model.layers[-1].get_weights()
        factor = 4 / max(float(np.ptp(scores)), 1e-3)
        model.layers[-1].set_weights([kernel * factor, -scores.mean(axis=0) * factor])
    return model


def predicted(model: Any, fed: Any) -> Any:
    """What the model answers to each picture, whatever batch it is built for."""
    batch = model.inputs[0].shape[0] or len(fed)
    padded = np.concatenate([fed, fed])[: -(-len(fed) // batch) * batch]
    given = {"pixels": padded} if isinstance(model.input, dict) else padded
    return np.asarray(model.predict(given, batch_size=batch, verbose=0))[: len(fed)]


def declared(end: str, scores: Any) -> Any:
    """What the kit makes of the scores."""
    if end == "logits":
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)
    if end in ("one logit", "one sigmoid"):
        second = scores if end == "one sigmoid" else 1 / (1 + np.exp(-scores))
        return np.concatenate([1 - second, second], axis=1)
    return scores


def hold(desk: Desk, folder: Path, seed: int) -> None:
    """Export the classifier of this seed, and compare."""
    import keras as keras3
    import tf_keras

    random = Random(seed)  # noqa: S311 - which models are tried is no secret
    keras = random.choice((keras3, tf_keras))
    keras.utils.set_random_seed(seed)
    end = random.choice(ENDS)
    levels = levels_of(desk.photos)
    model = made(keras, random, end, levels.astype(np.float32))
    # An .h5 file of Keras 3 does not hold arithmetic between layers: Keras itself does not load it.
    arithmetic = any(type(layer).__module__.startswith("keras.src.ops") for layer in getattr(model, "operations", ()))
    ending = random.choice((".keras", ".h5"))
    path = folder / f"model{'.keras' if arithmetic else ending}"
    model.save(path)
    labels = folder / "labels.txt"
    labels.write_text("red\nblue\n" if end.startswith("one") else "red\ngreen\nblue\n")
    words = ("--labels", labels, "--mean", 0, "--std", 1, "--variants", "fp32", "--eval-dir", desk.photos, "--force")
    record = desk.export(path, *words, usual=False)
    expected = declared(end, predicted(model, levels.astype(np.float32)))
    assert np.abs(answers(desk, record, levels) - expected).max() <= CLOSE, f"seed {seed}, {end}, {path.name}"


@pytest.fixture
def two_or_three(desk: Desk) -> Desk:
    """Pictures in folders that fit two labels as well as three."""
    (desk.photos / "green").rename(desk.photos.parent / "green")
    return desk


@pytest.mark.parametrize("seed", range(FEW))
def test_a_random_classifier_answers_as_its_framework(two_or_three: Desk, tmp_path: Path, seed: int) -> None:
    hold(two_or_three, tmp_path, seed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(FEW, ALL))
def test_many_random_classifiers_answer_as_their_frameworks(two_or_three: Desk, tmp_path: Path, seed: int) -> None:
    hold(two_or_three, tmp_path, seed)
