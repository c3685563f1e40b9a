"""Run models in a process of its own: of another runtime, or because a file that nobody vouches for may crash it."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.formats.errors import ModelError
from metadata.model_file import parse_model

SCRIPT = Path(__file__).parent / "run_in_runtime.py"


def run_models(python: Path, folder: Path) -> dict[str, npt.NDArray[Any] | str]:
    """By model name, the outputs of that Python's interpreter for the models in `folder`, or its error message.

    `folder` holds `<name>.tflite` and `<name>.npy`, as run_in_runtime.py says. ModelError when the process ends badly.
    """
    done = subprocess.run([python, "-I", SCRIPT, folder], capture_output=True, text=True, check=False)
    if done.returncode < 0:
        raise ModelError(f"{python} was ended by {signal.Signals(-done.returncode).name} while it ran a model")
    if done.returncode != 0:
        raise ModelError(f"{python} failed: {last_line(done.stderr)}")
    answers: dict[str, npt.NDArray[Any] | str] = {}
    for path in sorted(folder.glob("*.tflite")):
        refusal, outputs = path.with_suffix(".error"), path.with_suffix(".out.npy")
        if refusal.exists():
            answers[path.stem] = " ".join(refusal.read_text().split())
            refusal.unlink()
        else:
            answers[path.stem] = np.load(outputs)
            outputs.unlink()
    return answers


def require_running(name: str, model: bytes) -> None:
    """Run a classifier's file once, on a black picture, in a process of its own; ModelError when that does not work.

    The file has one input and one output of a classifier, as its schema says.
    """
    file = parse_model(model)
    (source,), (target,) = file.inputs, file.outputs
    with tempfile.TemporaryDirectory(prefix="handset-") as temporary:
        folder = Path(temporary)
        (folder / "model.tflite").write_bytes(model)
        np.save(folder / "model.npy", np.zeros(source.shape, str(source.dtype)))
        try:
            answer = run_models(Path(sys.executable), folder)["model"]
        except ModelError as error:
            raise ModelError(f"{name} crashes TensorFlow Lite ({error}); convert it again") from error
    if isinstance(answer, str):
        raise ModelError(f"{name} does not run in LiteRT on this computer: {answer[:200]}; convert it again")
    if answer.shape[1] != target.numbers:
        size, got = "x".join(map(str, source.shape[1:3])), answer.shape[1]
        raise ModelError(
            f"{name} answers a {size} picture with {got} numbers, not {target.numbers}; give another --size"
        )


def last_line(text: str) -> str:
    """The last line of a program's messages."""
    return (text.strip().splitlines() or ["no reason given"])[-1]
