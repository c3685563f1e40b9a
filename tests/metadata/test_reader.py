import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata import archive
from metadata.archive import ArchiveProblem
from metadata.check import check
from metadata.descriptions import describe, json_text
from metadata.errors import ModelFileError
from metadata.model_file import parse_model
from metadata.operators import BUILTIN_OPERATORS
from metadata.reader import PackedModel, read, read_bytes
from metadata.runtimes import load_runtime
from metadata.show import findings_text, model_text
from metadata.support_metadata import ColorSpace, Content, FileType
from metadata.tensors import DType
from metadata.writer import pack
from tests.metadata.conftest import Cards

Tiny = Mapping[str, bytes]


def test_a_plain_model_has_no_card_but_all_its_tensors(tiny: Tiny) -> None:
    model = read_bytes(tiny["fp32_1"])
    assert model.card is None
    assert model.metadata is None
    assert model.archive.files == ()
    (image,), (output,) = model.file.inputs, model.file.outputs
    assert (image.shape, image.dtype, image.quantization) == ((1, 28, 28, 1), DType.FLOAT32, None)
    assert output.shape == (1, 10)
    assert [operator.name for operator in model.file.operators] == ["CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    assert model.file.weights_bytes == 4 * (3 * 3 * 4 + 4 + 4 * 10 + 2)
    assert model.file.signatures == ("serving_default",)
    assert model.file.min_runtime_version == "1.6.0"


def test_a_second_empty_runtime_version_does_not_hide_the_first(tiny: Tiny) -> None:
    file = read_bytes(tiny["int8_1"]).file
    assert [entry.name for entry in file.metadata].count("min_runtime_version") == 2
    assert file.min_runtime_version == "1.14.0"


def test_integer_tensors_come_with_scale_and_zero_point(tiny: Tiny) -> None:
    (image,) = read_bytes(tiny["int8_3"]).file.inputs
    assert image.dtype is DType.UINT8
    assert image.quantization is not None
    assert image.quantization.scales == pytest.approx([2 / 255])
    assert image.quantization.zero_points == (127,)


def test_a_packed_model_gives_back_its_card(tiny: Tiny, card_for: Cards, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(pack(tiny["int8_1"], card_for(1)))
    model = read(path)
    assert model.card == card_for(1)
    assert model.metadata is not None
    (image,), (output,) = model.metadata.inputs, model.metadata.outputs
    assert (image.content, image.color_space) == (Content.IMAGE, ColorSpace.GRAYSCALE)
    assert [(file.name, file.type) for file in output.files] == [("labels.txt", FileType.AXIS_LABELS)]


def test_custom_and_flex_operators_are_distinguished(tiny: Tiny) -> None:
    (custom,) = parse_model(tiny["custom"]).operators
    assert (custom.name, custom.custom, custom.flex) == ("Digamma", True, False)
    (flex,) = parse_model(tiny["flex"]).operators
    assert (flex.name, flex.custom, flex.flex) == ("FlexTan", True, True)


@pytest.mark.usefixtures("quiet_tensorflow")
def test_the_operator_names_are_those_of_the_installed_schema() -> None:
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator

    codes = {name: code for name, code in vars(BuiltinOperator).items() if isinstance(code, int)}
    assert dict(zip(BUILTIN_OPERATORS, range(len(codes)), strict=True)) == codes


@pytest.mark.usefixtures("quiet_tensorflow")
def test_the_element_types_are_those_of_the_installed_schema() -> None:
    from tensorflow.lite.python.schema_py_generated import TensorType

    codes = {name.lower(): code for name, code in vars(TensorType).items() if isinstance(code, int)}
    assert {str(dtype): code for code, dtype in enumerate(DType)} == codes


def test_a_model_cut_off_anywhere_is_refused_or_has_no_card(tiny: Tiny, card_for: Cards) -> None:
    packed = pack(tiny["fp32_1"], card_for(1))
    refused = 0
    for size in range(len(packed)):
        model = read_or_refuse(packed[:size])
        refused += model is None
        assert model is None or model.card is None
    assert refused > 0.6 * len(packed)


@pytest.mark.parametrize(
    "data", [b"", b"TFL3", b"\0" * 8, b"\xff" * 64, b"\x1c\0\0\0TFL3", b"\xff\xff\xff\xffTFL3" + b"\xff" * 100]
)
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ModelFileError) as refusal:
        read_bytes(data)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"absent\.tflite: cannot be read, No such file"):
        read(tmp_path / "absent.tflite")
    with pytest.raises(ModelFileError, match="is not a file"):
        read(tmp_path)
    with pytest.raises(ModelFileError, match="/dev/zero: is not a file"):
        read(Path("/dev/zero"))


def test_damaged_metadata_is_named_as_such(tiny: Tiny, card_for: Cards) -> None:
    packed = pack(tiny["fp32_1"], card_for(1))
    with pytest.raises(ModelFileError, match="not a TFLITE_METADATA blob"):
        read_bytes(packed.replace(b"M001", b"M00X"))


def patches(width: int) -> st.SearchStrategy[bytes]:
    """Any bytes of this width, and more often the ends of an integer's range."""
    extremes = [bytes(width), b"\xff" * width, b"\xff" * (width - 1) + b"\x7f", b"\0" * (width - 1) + b"\x80"]
    return st.binary(min_size=width, max_size=width) | st.sampled_from(extremes)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1 << 20), patches(1) | patches(2) | patches(4)), min_size=1, max_size=8))
def test_a_mutated_model_is_read_or_refused_and_nothing_else(
    tiny: Tiny, card_for: Cards, mutations: list[tuple[int, bytes]]
) -> None:
    original = pack(tiny["int8_1"], card_for(1))
    mutated = bytearray(original)
    for place, patch in mutations:
        start = place % len(original)
        mutated[start : start + len(patch)] = patch
    model = read_or_refuse(bytes(mutated))
    if model is not None:
        json_text(describe(model))
        assert all(line.isprintable() for line in model_text("mutated", model, 80).split("\n"))
        assert findings_text("mutated", check(model, load_runtime()))


def read_or_refuse(data: bytes) -> PackedModel | None:
    try:
        return read_bytes(data)
    except ModelFileError:
        return None


@pytest.mark.usefixtures("quiet_tensorflow")
def test_a_small_file_cannot_make_the_reader_work_for_hours() -> None:
    """20,000 subgraphs that are all the same one, with 20,000 operators that are all the same one."""
    import flatbuffers  # type: ignore[import-untyped]
    from tensorflow.lite.python import schema_py_generated as schema

    builder = flatbuffers.Builder(1 << 18)
    schema.OperatorStart(builder)
    operators = same_again(builder, schema.OperatorEnd(builder), 20_000)
    schema.SubGraphStart(builder)
    schema.SubGraphAddOperators(builder, operators)
    graphs = same_again(builder, schema.SubGraphEnd(builder), 20_000)
    schema.ModelStart(builder)
    schema.ModelAddSubgraphs(builder, graphs)
    builder.Finish(schema.ModelEnd(builder), b"TFL3")
    with pytest.raises(ModelFileError, match="refers to far more than it holds"):
        parse_model(bytes(builder.Output()))


def same_again(builder: Any, target: int, count: int) -> int:
    builder.StartVector(4, count, 4)
    for _ in range(count):
        builder.PrependUOffsetTRelative(target)
    return int(builder.EndVector())


def with_archive(model: bytes, files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    out.write(model)
    with zipfile.ZipFile(out, "a", method) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil", "C:evil", "\\evil"]
)
def test_a_name_that_leads_out_of_the_archive_is_never_read(tiny: Tiny, name: str) -> None:
    (file,) = read_bytes(with_archive(tiny["fp32_1"], {name: b"x"})).archive.files
    assert (file.problem, file.content) == (ArchiveProblem.ESCAPES, None)


def test_a_zip_bomb_stays_in_the_archive(tiny: Tiny) -> None:
    bomb = with_archive(tiny["fp32_1"], {"labels.txt": bytes(64 << 20)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20
    (file,) = read_bytes(bomb).archive.files
    assert (file.problem, file.content) == (ArchiveProblem.TOO_LARGE, None)


def test_a_zip_bomb_that_lies_about_its_size_stays_in_the_archive(tiny: Tiny) -> None:
    bomb = bytearray(with_archive(tiny["fp32_1"], {"labels.txt": bytes(64 << 20)}, zipfile.ZIP_DEFLATED))
    claimed = struct.pack("<I", 64 << 20)
    while claimed in bomb:
        at = bomb.find(claimed)
        bomb[at : at + 4] = struct.pack("<I", 9)
    (file,) = read_bytes(bytes(bomb)).archive.files
    assert (file.problem, file.content) == (ArchiveProblem.UNREADABLE, None)


def test_many_files_below_the_limit_share_one_limit(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 250)
    model = read_bytes(with_archive(tiny["fp32_1"], {f"{index}.txt": bytes(100) for index in range(4)}))
    assert [file.problem for file in model.archive.files] == [None, None, "too_large", "too_large"]


def test_thousands_of_associated_files_are_refused(tiny: Tiny) -> None:
    crowd = with_archive(tiny["fp32_1"], {f"{index}.txt": b"" for index in range(archive.MAX_FILES + 1)})
    with pytest.raises(ModelFileError, match="257 associated files; the limit is 256"):
        read_bytes(crowd)


def test_a_file_with_a_wrong_checksum_is_unreadable(tiny: Tiny, card_for: Cards) -> None:
    packed = pack(tiny["fp32_3"], card_for(3))
    model = read_bytes(packed.replace(b"zero\none", b"zero\nOne"))
    assert model.archive.files[-1].problem is ArchiveProblem.UNREADABLE
    assert model.labels is None


def test_a_preprocess_file_that_cannot_be_used_says_why(tiny: Tiny) -> None:
    for content, reason in (
        (b"{", "is not JSON"),
        (b"[]", "has format"),
        (b"\xff", "is not JSON"),
        (b"[" * 9999, "JSON"),
    ):
        model = read_bytes(with_archive(tiny["fp32_1"], {"preprocess.json": content}))
        assert model.image is None
        assert reason in str(model.image_error)
