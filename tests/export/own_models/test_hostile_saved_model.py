"""A SavedModel is code as well: what its graph could do to this machine is seen before it is done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.export.own_models.conftest import Desk, classifier

pytestmark = pytest.mark.usefixtures("tensorflow")


def saved(folder: Path, function: Callable[[Any], Any]) -> Path:
    """A SavedModel of one function of pictures."""
    import tensorflow as tf

    module = tf.Module()
    module.call = tf.function(function, input_signature=[tf.TensorSpec((None, 16, 16, 3), tf.float32)])
    tf.saved_model.save(module, str(folder), signatures=module.call)
    return folder


def test_a_graph_that_calls_python_is_refused(desk: Desk, tmp_path: Path) -> None:
    import tensorflow as tf

    path = saved(tmp_path / "caller", lambda x: tf.reshape(tf.py_function(lambda y: y, [x], tf.float32), (-1, 768)))
    line = desk.refused(path)
    assert "caller calls back into Python (EagerPyFunc), which no phone has; replace tf.py_function" in line


def test_a_graph_that_writes_files_is_refused_and_writes_none(desk: Desk, tmp_path: Path) -> None:
    import tensorflow as tf

    marker = tmp_path / "marker"

    def attack(pictures: Any) -> Any:
        with tf.control_dependencies([tf.io.write_file(str(marker), "owned")]):
            return tf.identity(tf.reduce_mean(pictures, (1, 2)))

    assert "touches files or the terminal (WriteFile)" in desk.refused(saved(tmp_path / "writer", attack))
    assert not marker.exists()


def test_a_damaged_saved_model_is_one_line(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "torn"
    classifier().export(path, verbose=False)
    (path / "variables" / "variables.index").unlink()
    assert desk.refused(path).startswith(f"{path} cannot be loaded: ")
    (path / "saved_model.pb").write_bytes(np.random.default_rng(0).bytes(1000))
    assert " is damaged (" in desk.refused(path)
    (path / "saved_model.pb").write_bytes(b"")
    assert " has no graph for serving; " in desk.refused(path)
