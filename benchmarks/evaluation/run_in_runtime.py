"""Load and run models in the interpreter of this Python: LiteRT, or TensorFlow's where an environment has no LiteRT.

Runs alone, without this package.

    python run_in_runtime.py FOLDER

For every `<name>.tflite` with its inputs in `<name>.npy`, (N, height, width, channels) of the input's type, writes the
raw outputs to `<name>.out.npy`, (N, outputs), or why it could not to `<name>.error`.
"""

import sys
from pathlib import Path

import numpy as np

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:  # the environment of an older runtime, such as the app's, which is compared with this one
    from tensorflow.lite.python.interpreter import Interpreter


def run(model: Path) -> np.ndarray:  # type: ignore[type-arg]  # NumPy 1 and 2 both run this
    """The raw outputs, (N, outputs), of the model's inputs, one at a time."""
    interpreter = Interpreter(str(model), num_threads=1)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    outputs = []
    for picture in np.load(model.with_suffix(".npy")):
        interpreter.set_tensor(source["index"], picture[np.newaxis])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target["index"]).reshape(-1))
    return np.stack(outputs)


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.tflite")):
        try:
            np.save(path.with_suffix(".out.npy"), run(path))
        except (RuntimeError, ValueError) as refusal:
            path.with_suffix(".error").write_text(str(refusal))
