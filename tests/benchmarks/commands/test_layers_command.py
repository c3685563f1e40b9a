"""`python -m benchmarks layers` as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.formats.declared import read_file
from benchmarks.formats.errors import ModelError
from benchmarks.formats.layers_file import Layers
from metadata.graph import read_graph
from tests.benchmarks.explain.faulty_models import faulty
from tests.benchmarks.models import MODELS, is_exported

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")

INT8 = MODELS / "digits_cnn" / "digits_cnn_int8.tflite"
ROOT = Path(__file__).parents[3]
CHOICE = ["layers", "--models", "digits_cnn", "--variants", "int8", "--limit", "2"]


def layers(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([*CHOICE, *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_other_kernels_are_no_fault_and_need_no_tensorflow(tmp_path: Path) -> None:
    script = "import sys; from benchmarks.__main__ import main; code = main(sys.argv[1:]); "
    script += "print('tensorflow' in sys.modules, code)"
    command = [sys.executable, "-c", script, *CHOICE, "--builtin", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "no layer is wrong by itself" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[-1] == "False 0"
    written = read_file(tmp_path / "layers.json", Layers, ModelError, "")
    assert written.first is None
    assert len(written.layers) == 11


def test_a_stale_file_is_named_with_the_layer_and_the_numbers_go_into_the_graph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale, model = tmp_path / "stale.tflite", INT8.read_bytes()
    stale.write_bytes(faulty(model, "stale_weights", 3))
    code, out, err = layers(capsys, "--file", str(stale), "--out", str(tmp_path / "found"))
    assert (code, err) == (1, "")
    assert "the first faulty layer is conv2" in out.splitlines()[0]
    assert "(CONV_2D): other values" in out.splitlines()[0]
    (marked,) = [line for line in out.splitlines() if line.startswith("◂")]
    assert "CONV_2D" in marked
    written = read_file(tmp_path / "found" / "layers.json", Layers, ModelError, "")
    (first,) = read_graph(model).operators[3].outputs
    assert (written.first, written.seen.split(" in ")[0]) == (first, "stale.tflite")
    nodes = json.loads((tmp_path / "found" / "model_explorer.json").read_bytes())
    names = {layer.name for layer in written.layers}
    assert set(nodes["results"]) == names
    assert [name for name, node in nodes["results"].items() if "bgColor" in node] == [
        layer.name for layer in written.layers if layer.tensor == first
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["layers"], "layers compares one variant of one model; name them, such as --models digits_cnn"),
        (["layers", "--models", "digits_cnn,digits_mlp"], "layers compares one variant of one model; name them"),
        (["layers", "--models", "digits"], "no model 'digits' is exported; did you mean"),
        (["layers", "--models", "digits_cnn", "--variants", "fp32", "--file", str(INT8)], "is no other file of this"),
        (["layers", "--models", "digits_cnn", "--file", __file__], "not a .tflite file"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""
