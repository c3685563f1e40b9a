import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from metadata.__main__ import main
from metadata.arguments import parser
from metadata.card import CenterSquare, DigitLayout, Resize
from metadata.reader import read
from metadata.writer import pack
from tests.metadata.conftest import Cards, needs_support

Tiny = Mapping[str, bytes]
ROOT = Path(__file__).parents[2]
BINDINGS = ["bindings", "BARE", "--out", "OUT", "--package"]


@pytest.fixture
def model(tiny: Tiny, card_for: Cards, tmp_path: Path) -> Path:
    path = tmp_path / "tiny.tflite"
    path.write_bytes(pack(tiny["int8_1"], card_for(1)))
    return path


@pytest.fixture
def bare(tiny: Tiny, tmp_path: Path) -> Path:
    path = tmp_path / "bare.tflite"
    path.write_bytes(tiny["fp32_3"])
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.txt"
    path.write_text("cat\ndog\nfox\nowl\n")
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def python(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_show_prints_what_people_ask_for(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", model) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for expected in (
        "name tiny",
        "license Apache-2.0",
        "uint8 1×28×28×1, scale 0.00784314, zero point 127",
        "CONV_2D v3 ×1",
        "image, image, grayscale, (pixel − 127.5) / 127.5",
        "10: zero, one, two, three, four, … nine",
        "no crop, pillow_bilinear",
        "TensorFlow Lite 1.14.0 or newer",
    ):
        assert expected in shown


def test_show_of_a_bare_model_says_that_it_has_no_metadata(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", bare) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["metadata", "none"]


def test_a_model_cannot_steer_the_terminal(
    tiny: Tiny, card_for: Cards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rude.tflite"
    path.write_bytes(pack(tiny["fp32_3"], replace(card_for(3), name="\x1b[2Jgone", description="a\nb")))
    assert run("show", path) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\ufffd[2Jgone" in shown


def test_show_and_check_load_neither_tensorflow_nor_numpy(model: Path) -> None:
    script = (
        "import sys; from metadata.__main__ import main; code = main(sys.argv[1:]);"
        "print([name for name in ('tensorflow', 'numpy', 'flatbuffers', 'rich') if name in sys.modules], code)"
    )
    for command in (("show", model), ("show", model, "--json"), ("check", model)):
        assert python("-c", script, *command).stdout.splitlines()[-1] == "[] 0"


def test_a_clean_model_passes_the_check(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", model) == 0
    assert capsys.readouterr().out == f"{model}: nothing found\n"


def test_errors_found_are_exit_code_1_with_id_and_remedy(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", bare) == 1
    first, finding, remedy = capsys.readouterr().out.splitlines()
    assert first == f"{bare}: 1 error, 0 warnings"
    assert finding.startswith("  error    NO-METADATA: ")
    assert remedy.startswith("           do: pack it: python -m metadata pack")


def test_check_speaks_json(model: Path, bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", model, bare, "--json", "--runtime", "2.19.1") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["format"], answer["runtime"]) == ("handset.check/1", "2.19.1")
    assert [len(entry["findings"]) for entry in answer["models"]] == [0, 1]
    assert answer["models"][1]["findings"][0]["id"] == "NO-METADATA"
    assert answer["models"][1]["findings"][0]["severity"] == "error"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", tmp_path / "absent.tflite", model) == 2
    printed = capsys.readouterr()
    assert "absent.tflite: cannot be read" in printed.err
    assert f"{model}: nothing found" in printed.out


def test_pack_reads_size_and_channels_from_the_model(
    bare: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("pack", bare, "--labels", labels, "--mean", "127.5", "--std", "127.5") == 0
    out = bare.with_name("bare_packed.tflite")
    card = read(out).card
    assert card is not None
    assert (card.name, card.version, card.labels) == ("bare", "1", ("cat", "dog", "fox", "owl"))
    assert (card.image.height, card.image.width, card.image.channels) == (32, 32, 3)
    assert card.image.mean == (127.5, 127.5, 127.5)
    assert capsys.readouterr().out.endswith(f"{out}: nothing found\n")


def test_pack_takes_every_field_of_the_card(bare: Path, labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.tflite"
    texts = ["--name", "Pets", "--description", "Four.", "--version", "2.1", "--author", "Me", "--license", "MIT"]
    image = ["--mean", "1,2,3", "--std", "4,5,6", "--crop", "7/8", "--resize", "pillow_bicubic"]
    assert run("pack", bare, "--labels", labels, *texts, *image, "--digit", "light_on_dark", "--out", out) == 0
    card = read(out).card
    assert card is not None
    assert (card.name, card.description, card.version, card.author, card.license) == (
        "Pets",
        "Four.",
        "2.1",
        "Me",
        "MIT",
    )
    assert (card.image.mean, card.image.std) == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    assert (card.image.crop, card.image.resize) == (CenterSquare(7, 8), Resize.PILLOW_BICUBIC)
    assert card.image.digit == DigitLayout()


def test_pack_can_replace_the_model_itself(bare: Path, labels: Path) -> None:
    for _ in range(2):
        assert run("pack", bare, "--labels", labels, "--mean", "0", "--std", "255", "--out", bare) == 0
    assert read(bare).card is not None
    assert sorted(path.name for path in bare.parent.iterdir()) == ["bare.tflite", "labels.txt"]


def test_pack_says_at_once_what_check_would_find(
    tiny: Tiny, labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "int8.tflite"
    path.write_bytes(tiny["int8_3"])
    assert run("pack", path, "--labels", labels, "--mean", "0", "--std", "255") == 0
    assert "RAW-PIXELS-MISFIT" in capsys.readouterr().out


@needs_support
def test_pack_and_bindings_keep_other_peoples_chatter_to_themselves(bare: Path, labels: Path, tmp_path: Path) -> None:
    packing = python("-m", "metadata", "pack", bare, "--labels", labels, "--mean", "0", "--std", "1", "--out", bare)
    assert (packing.returncode, packing.stderr) == (0, "")
    module = tmp_path / "module"
    binding = python("-m", "metadata", "bindings", bare, "--package", "com.example.app", "--out", module)
    assert (binding.returncode, binding.stderr) == (0, "")
    assert binding.stdout.splitlines()[0] == str(module / "src/main/java/com/example/app/Bare.java")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "absent.tflite"], "absent.tflite: cannot be read"),
        (["show", "LABELS"], "LABELS: not a .tflite file: bytes 4 to 8 are"),
        (["check", "BARE", "--runtime", "9.9"], "runtime '9.9' is unknown; choose one of 2.16.1, 2.19.1"),
        (["pack", "BARE", "--labels", "absent.txt", "--mean", "0", "--std", "1"], "absent.txt: cannot be read"),
        (["pack", "BARE", "--labels", "LABELS", "--mean", "0", "--std", "0"], "std (0.0, 0.0, 0.0) is not positive"),
        (["pack", "BARE", "--labels", "LABELS", "--mean", "1,2", "--std", "1"], "mean has 2 values for 3 channels"),
        (["pack", "BARE", "--labels", "LABELS", "--mean", "0", "--std", "1e-37"], "overflow float32"),
        (["pack", "BARE", "--labels", "LABELS", "--mean", "0", "--std", "1e300"], "overflow float32"),
        (["pack", "absent.tflite", "--labels", "LABELS", "--mean", "0", "--std", "1"], "absent.tflite: cannot be read"),
        pytest.param([*BINDINGS, "com.example"], "has no metadata; pack it first", marks=needs_support),
        pytest.param([*BINDINGS, "../x"], "'../x' is not a Java package", marks=needs_support),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, bare: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"BARE": str(bare), "LABELS": str(labels), "OUT": str(bare.parent / "out")}
    assert run(*(places.get(argument, argument) for argument in arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert message in printed.err.replace(str(labels), "LABELS")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required"),
        (["shew"], "invalid choice: 'shew'"),
        (["pack", "x"], "the following arguments are required: --labels, --mean, --std"),
        (["pack", "x", "--labels", "l", "--mean", "a", "--std", "1"], "argument --mean: 'a' is no number and no R,G,B"),
        (
            ["pack", "x", "--labels", "l", "--mean", "0", "--std", "1", "--crop", "9/8"],
            "'9/8' is no fraction in (0, 1]",
        ),
    ],
)
def test_a_wrong_command_line_is_one_line_too(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 2
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1
    assert message in refusal


def test_out_of_place_is_one_line_too(bare: Path, labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = labels / "below_a_file.tflite"
    assert run("pack", bare, "--labels", labels, "--mean", "0", "--std", "1", "--out", out) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["show", "check", "pack", "bindings"])
def test_every_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parser().parse_args([command, "--help"])
    assert stop.value.code == 0
    assert f"python -m metadata {command} " in capsys.readouterr().out.split("examples:")[1]
