"""What cannot be exported is refused in one line, with the reason and what would help."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export.commands.own_model import choose, parse
from export.errors import OwnModelError
from tests.export.own_models.conftest import Desk, classifier

pytestmark = pytest.mark.usefixtures("tensorflow")
ROOT = Path(__file__).parents[3]


def several_inputs() -> Any:
    import keras

    one, other = keras.Input((16, 16, 3), name="left"), keras.Input((16, 16, 3), name="right")
    both = keras.layers.GlobalAveragePooling2D()(keras.layers.Add()([one, other]))
    return keras.Model([one, other], keras.layers.Dense(3, "softmax")(both))


def several_outputs() -> Any:
    import keras

    picture = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(picture)
    heads = [keras.layers.Dense(3, "softmax", name=name)(pooled) for name in ("colour", "shape")]
    return keras.Model(picture, heads)


def of_words() -> Any:
    import keras

    words = keras.Input((40,), dtype="int32")
    recurrent = keras.layers.LSTM(4)(keras.layers.Embedding(100, 4)(words))
    return keras.Model(words, keras.layers.Dense(3, "softmax")(recurrent))


def channels_first() -> Any:
    import keras

    picture = keras.Input((3, 16, 16))
    last = keras.layers.Permute((2, 3, 1))(picture)
    return keras.Model(picture, keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(last)))


def of_any_size() -> Any:
    return classifier((None, None, 3))


def one_softmax() -> Any:
    return classifier(outputs=1)


def functional() -> Any:
    import keras

    picture = keras.Input((16, 16, 3))
    return keras.Model(picture, keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(picture)))


def nested() -> Any:
    import keras

    return keras.Sequential([keras.Input((16, 16, 3)), functional(), keras.layers.Activation("linear")])


def segments() -> Any:
    import keras

    return keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(3, 1, activation="softmax")])


def not_a_number() -> Any:
    model = classifier()
    model.set_weights([weights * float("nan") for weights in model.get_weights()])
    return model


CASES: list[tuple[Callable[[], Any], str]] = [
    (several_inputs, "model{} has 2 inputs: left, right; a classifier has one. Do: keras.Model(model.inputs[0]"),
    (several_outputs, "model{} has 2 outputs: colour, shape; a classifier has one. Do: keras.Model(model.inputs[0]"),
    (of_words, "model{} takes (any, 40), no picture; an image classifier takes (n, height, width, 1 or 3)"),
    (channels_first, "model{} takes (any, 3, 16, 16): channels first, which phones do not run; build it with"),
    (of_any_size, "model{} takes (any, any, any, 3), pictures of any size; choose one with --size, such as 224x224"),
    (lambda: classifier((16, 16, 4)), "model{} takes (any, 16, 16, 4), no picture; an image classifier takes"),
    (segments, "model{} answers with (16, 16, 3) numbers a picture; a classifier gives one a label"),
    (not_a_number, "model{} answers with NaN or infinity to ordinary pictures; check --mean, --std and weights"),
    (
        lambda: classifier(outputs=4),
        "model{}: --labels: off by one: 3 labels for 4 outputs: the model has a background",
    ),
    (lambda: classifier(outputs=2), "model{}: --labels: off by one: 3 labels for 2 outputs: the file has a background"),
    (lambda: classifier(outputs=9), "model{}: --labels: 3 labels for 9 outputs; give exactly one label an output"),
]


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize(("make", "line"), CASES)
def test_what_is_no_classifier_of_pictures_is_refused(
    desk: Desk, tmp_path: Path, make: Callable[[], Any], line: str, ending: str
) -> None:
    make().save(tmp_path / f"model{ending}")
    assert desk.refused(tmp_path / f"model{ending}").startswith(line.format(ending))


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (several_inputs, " has 2 inputs: left, right; a classifier has one. save it with model.export('folder')"),
        (several_outputs, " has 2 outputs: "),
        (channels_first, "model takes (any, 3, 16, 16): channels first"),
        (of_words, "takes int32, not float32 pixels"),
    ],
)
def test_a_saved_model_of_something_else_is_refused(
    desk: Desk, tmp_path: Path, make: Callable[[], Any], line: str
) -> None:
    make().export(tmp_path / "model", verbose=False)
    assert line in desk.refused(tmp_path / "model")


def test_a_saved_model_without_a_signature_is_refused(desk: Desk, tmp_path: Path) -> None:
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path / "bare"))
    assert desk.refused(tmp_path / "bare") == (
        f"{tmp_path}/bare has no signature, so nothing says how to call it; save it with model.export('folder'), or "
        "tf.saved_model.save(module, 'folder', signatures=…)"
    )


def test_a_graph_built_for_a_batch_is_refused_but_a_keras_file_is_rebuilt(desk: Desk, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    module = tf.Module()
    module.call = tf.function(
        lambda x: tf.nn.softmax(tf.reduce_mean(x, (1, 2))),
        input_signature=[tf.TensorSpec((8, 16, 16, 3), tf.float32)],
    )
    tf.saved_model.save(module, str(tmp_path / "folder"), signatures=module.call)
    line = desk.refused(tmp_path / "folder")
    assert "folder is built for batches of 8, and a graph cannot be rebuilt; save it with" in line
    picture = keras.Input(batch_shape=(8, 16, 16, 3))
    model = keras.Model(picture, keras.layers.Dense(3, "softmax")(keras.layers.GlobalAveragePooling2D()(picture)))
    model.save(tmp_path / "model.keras")
    record = desk.export(tmp_path / "model.keras", "--variants", "fp32")
    assert record.variants["fp32"].input.shape == (1, 16, 16, 3)


def test_a_single_output_after_a_softmax_is_refused(desk: Desk, tmp_path: Path) -> None:
    one_softmax().save(tmp_path / "model.keras")
    (tmp_path / "two.txt").write_text("red\nblue\n")
    (tmp_path / "none").mkdir()
    line = desk.refused(
        tmp_path / "model.keras", "--labels", tmp_path / "two.txt", "--mean", 0, "--std", 1, "--eval-dir", _two(desk),
        usual=False,
    )  # fmt: skip
    assert line == "model.keras has a softmax over a single output, which is always 1; train it with a sigmoid"


def _two(desk: Desk) -> Path:
    """The pictures without the green ones."""
    green = desk.photos / "green"
    if green.exists():
        green.rename(desk.photos.parent / "green")
    return desk.photos


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "--labels is missing; give a text file with one label a line, in the order of the outputs"),
        (["--labels", "absent.txt"], "absent.txt: cannot be read, No such file or directory; give a text file with"),
        (["--mean", "127.5"], "--mean and --std are missing, and nothing in a model says what it was trained on: "),
        (["--name", "Not A Name"], "--name 'Not A Name' cannot be a file's name everywhere; use a to z, 0 to 9 and _"),
        (["--name", "digits_cnn"], "--name digits_cnn is a recipe of the kit's own; choose another, as in my_pets"),
        (["--door"], "--door needs labels dog and cat, or the kit's 1000 of ImageNet; leave it out"),
        (
            ["--size", "8x8"],
            "model.keras takes (any, 16, 16, 3), which --size 8x8 cannot change; leave it out",
        ),
        (["--variants", "int9"], "unknown variant 'int9'; did you mean int8?"),
        (["--calibration", "absent"], "--calibration absent: no such folder; give a folder of pictures"),
        (["--mean", "1,2"], "mean has 2 values for 3 channels; give one a channel"),
        (["--std", "0"], "std (0.0, 0.0, 0.0) is not positive"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(desk: Desk, tmp_path: Path, options: list[str], line: str) -> None:
    classifier().save(tmp_path / "model.keras")
    given = {"--labels": str(tmp_path / "labels.txt"), "--mean": "127.5", "--std": "127.5"}
    if not options:
        del given["--labels"]
    if options == ["--mean", "127.5"]:
        del given["--std"]
    if options[:1] in (["--labels"], ["--std"]):
        given[options[0]] = options[1]
    words = [word for pair in given.items() if pair[0] not in options or options[0] in ("--labels", "--std")
             for word in pair]  # fmt: skip
    extra = [] if options[:1] in (["--labels"], ["--std"]) else options
    assert desk.refused(tmp_path / "model.keras", *words, *extra, usual=False).startswith(line)


def test_a_label_file_in_another_encoding_names_its_line(desk: Desk, tmp_path: Path) -> None:
    classifier().save(tmp_path / "model.keras")
    (tmp_path / "labels.txt").write_bytes("rouge\nvert\nbleu foncé\n".encode("latin-1"))
    assert "labels.txt: line 3 is not UTF-8; save the file as plain UTF-8" in desk.refused(tmp_path / "model.keras")


def test_a_layer_that_no_phone_runs_is_refused_with_the_converters_reason(desk: Desk, tmp_path: Path) -> None:
    """A polar transform of the spectrum: TensorFlow has it, TensorFlow Lite's builtins do not."""
    import tensorflow as tf

    module = tf.Module()
    module.call = tf.function(
        lambda x: tf.nn.softmax(tf.math.digamma(tf.reduce_mean(x, (1, 2)) + 3.0)),
        input_signature=[tf.TensorSpec((None, 16, 16, 3), tf.float32)],
    )
    tf.saved_model.save(module, str(tmp_path / "odd"), signatures=module.call)
    assert desk.refused(tmp_path / "odd", "--variants", "fp32").startswith("fp32 cannot be converted: ")


@pytest.mark.parametrize("make", [classifier, functional, nested])
@pytest.mark.parametrize("suffix", [".keras", ".h5", ""])
def test_labels_that_do_not_fit_are_refused_before_anything_is_loaded(
    tmp_path: Path, make: Callable[[], Any], suffix: str
) -> None:
    path = tmp_path / f"model{suffix}"
    if suffix:
        make().save(path)
    else:
        make().export(path, verbose=False)
    (tmp_path / "four.txt").write_text("red\ngreen\nblue\nblack\n")
    words = [str(path), "--labels", str(tmp_path / "four.txt"), "--mean", "0", "--std", "255"]
    with pytest.raises(OwnModelError, match="off by one: 4 labels for 3 outputs"):
        choose(parse(words))
