import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from metadata.card import CenterSquare, DigitLayout, Resize
from metadata.errors import CardError, ModelFileError
from metadata.front import MARK
from metadata.reader import read_bytes
from metadata.splice import splice
from metadata.support_library import load_support
from metadata.writer import pack
from tests.metadata.conftest import Cards, needs_support

Tiny = Mapping[str, bytes]
VARIANTS = ("fp32_1", "int8_1", "fp32_3", "int8_3")


@pytest.mark.parametrize("name", VARIANTS)
def test_packing_twice_gives_the_same_bytes_and_leaves_the_model_alone(tiny: Tiny, card_for: Cards, name: str) -> None:
    model = bytearray(tiny[name])
    card = card_for(int(name[-1]))
    assert pack(bytes(model), card) == pack(bytes(model), card)
    assert model == tiny[name]


@pytest.mark.parametrize("name", VARIANTS)
def test_packing_again_replaces_everything(tiny: Tiny, card_for: Cards, name: str) -> None:
    card = card_for(int(name[-1]))
    other = replace(card, name="other", labels=tuple(reversed(card.labels)))
    assert pack(pack(tiny[name], other), card) == pack(tiny[name], card)


def test_the_card_comes_back_with_every_field(tiny: Tiny, card_for: Cards) -> None:
    card = card_for(1)
    image = replace(card.image, crop=CenterSquare(7, 8), resize=Resize.PILLOW_BICUBIC, digit=DigitLayout())
    card = replace(card, image=image, name="Ziffern", description="Erkennt 0–9", author="Ä", license="MIT")
    assert read_bytes(pack(tiny["fp32_1"], card)).card == card


def test_the_models_own_bytes_stay_whole_and_keep_their_alignment(tiny: Tiny, card_for: Cards) -> None:
    packed = pack(tiny["int8_3"], card_for(3))
    start = packed.index(tiny["int8_3"])
    assert start % 16 == 0
    assert packed[8:16] == MARK


def test_no_clock_is_in_the_archive(tiny: Tiny, card_for: Cards) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(tiny["fp32_1"], card_for(1)))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.usefixtures("quiet_tensorflow")
def test_a_packed_model_computes_the_same(tiny: Tiny, card_for: Cards, name: str) -> None:
    packed = pack(tiny[name], card_for(int(name[-1])))
    assert np.array_equal(run(packed), run(tiny[name]))


def run(model: bytes) -> Any:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_content=model)
    interpreter.allocate_tensors()
    (image,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    pixels = np.random.default_rng(7).integers(0, 256, image["shape"])
    interpreter.set_tensor(image["index"], pixels.astype(image["dtype"]))
    interpreter.invoke()
    return interpreter.get_tensor(output["index"])


@needs_support
@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.usefixtures("quiet_tensorflow")
def test_googles_displayer_reads_what_was_written(tiny: Tiny, card_for: Cards, name: str) -> None:
    channels = int(name[-1])
    packed = pack(tiny[name], card_for(channels))
    display = load_support("metadata.python.metadata").MetadataDisplayer.with_model_buffer(packed)
    assert display.get_packed_associated_file_list() == ["preprocess.json", "labels.txt"]
    assert display.get_associated_file_buffer("labels.txt").decode().split() == list(card_for(channels).labels)
    shown = json.loads(display.get_metadata_json())
    (graph,) = shown["subgraph_metadata"]
    (image,), (output,) = graph["input_tensor_metadata"], graph["output_tensor_metadata"]
    assert image["content"]["content_properties"]["color_space"] == ("GRAYSCALE" if channels == 1 else "RGB")
    assert image["process_units"][0]["options"] == {"mean": [127.5] * channels, "std": [127.5] * channels}
    assert image["stats"] == (
        {"max": [255.0], "min": [0.0]} if "int8" in name else {"max": [1.0] * channels, "min": [-1.0] * channels}
    )
    assert output["associated_files"][0]["type"] == "TENSOR_AXIS_LABELS"
    assert shown["min_parser_version"] == "1.0.0"


@needs_support
@pytest.mark.usefixtures("quiet_tensorflow")
def test_what_google_packed_is_replaced(tiny: Tiny, card_for: Cards, tmp_path_factory: pytest.TempPathFactory) -> None:
    labels = tmp_path_factory.mktemp("labels") / "names.txt"
    labels.write_text("a\nb\nc\nd\n")
    writers = load_support("metadata.python.metadata_writers.image_classifier")
    writer = writers.MetadataWriter.create_for_inference(bytearray(tiny["fp32_3"]), [0.0], [255.0], [str(labels)])
    googles = bytes(writer.populate())
    before = read_bytes(googles)
    assert before.labels == ("a", "b", "c", "d")
    assert before.card is None
    packed = pack(googles, card_for(3))
    after = read_bytes(packed)
    assert after.card == card_for(3)
    assert [file.name for file in after.archive.files] == ["preprocess.json", "labels.txt"]
    assert [entry.name for entry in after.file.metadata].count("TFLITE_METADATA") == 1
    assert np.array_equal(run(packed), run(tiny["fp32_3"]))


def test_a_card_that_does_not_fit_is_refused(tiny: Tiny, card_for: Cards) -> None:
    with pytest.raises(CardError, match="the card is for 32x32x3 pictures but the model's input is 1x28x28x1"):
        pack(tiny["fp32_1"], card_for(3))
    with pytest.raises(CardError, match="off by one: 9 labels for 10 outputs"):
        pack(tiny["fp32_1"], replace(card_for(1), labels=card_for(1).labels[:9]))
    with pytest.raises(ModelFileError, match=r"no \.tflite file"):
        pack(b"", card_for(1))


def bias_types(model: bytes) -> list[int]:
    from tensorflow.lite.python import schema_py_generated as schema

    (graph,) = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model, 0)).subgraphs
    options = [operator.builtinOptions for operator in graph.operators]
    return [each.quantizedBiasType for each in options if hasattr(each, "quantizedBiasType")]


@pytest.mark.usefixtures("quiet_tensorflow")
def test_what_converters_write_since_googles_writer_was_made_survives(tiny: Tiny, card_for: Cards) -> None:
    from tensorflow.lite.python.schema_py_generated import TensorType

    assert bias_types(tiny["int16x8"]) == [TensorType.INT64] * 2
    assert bias_types(pack(tiny["int16x8"], card_for(3))) == [TensorType.INT64] * 2


def test_weights_that_cannot_be_moved_are_not_moved(tiny: Tiny, card_for: Cards) -> None:
    assert read_bytes(tiny["buffer_offsets"]).file.weights_bytes == read_bytes(tiny["fp32_1"]).file.weights_bytes
    with pytest.raises(ModelFileError, match="convert without buffer offsets"):
        pack(tiny["buffer_offsets"], card_for(1))


def test_a_root_field_from_a_newer_schema_is_not_silently_dropped(tiny: Tiny) -> None:
    """In this file the root vtable is 20 bytes long and a table follows; one more slot reads that table's bytes."""
    model = bytearray(splice(tiny["fp32_1"], "x", b"y").replace(MARK, b"SOMEONES"))
    assert model[20:22] == b"\x14\x00"
    model[20] += 2
    with pytest.raises(ModelFileError, match="newer than this kit"):
        splice(bytes(model), "x", b"y")
