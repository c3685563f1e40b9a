"""A model file is code: what it could do to this machine is seen before it is done."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from export.own_models import hdf5
from export.own_models.keras_versions import without_training
from tests.export.own_models.conftest import Desk, classifier

pytestmark = pytest.mark.usefixtures("tensorflow")
Edit = Callable[[dict[str, Any]], None]


def hostile(marker: Path, nested: bool) -> Any:
    """A classifier whose Lambda layer writes a file wherever it is made or run."""
    import keras

    # Bytecode that is loaded elsewhere finds builtins only, so the place is a constant in it.
    attack = eval(f"lambda pictures: (open({str(marker)!r}, 'a').close(), pictures)[1]")  # noqa: S307 - our own text
    layers = [keras.Input((16, 16, 3)), keras.layers.Lambda(attack, name="innocent")]
    inner = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D()])
    parts = [keras.Input((16, 16, 3)), inner] if nested else [inner]
    model = keras.Sequential([*parts, keras.layers.Dense(3, "softmax")])
    model.build((None, 16, 16, 3))
    return model


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_python_in_a_model_file_is_seen_and_never_run(desk: Desk, tmp_path: Path, ending: str, nested: bool) -> None:
    marker, path = tmp_path / "marker", tmp_path / f"gift{ending}"
    hostile(marker, nested).save(path)
    marker.unlink()
    line = desk.refused(path)
    assert line.startswith(f"{path.name} carries Python code in innocent, which loading it would run; if you trust")
    assert "--trust" in line
    assert not marker.exists()


def test_trusted_python_runs_and_the_reference_needs_none_of_it(desk: Desk, tmp_path: Path) -> None:
    marker, path = tmp_path / "marker", tmp_path / "gift.keras"
    hostile(marker, nested=False).save(path)
    marker.unlink()
    record = desk.export(path, "--trust", "--eval-dir", desk.photos, "--variants", "fp32,int8")
    assert marker.exists()
    assert "carries Python code in innocent: trusted, and run" in desk.said
    assert record.reference.model.path.endswith("model.pb")


def edited(path: Path, edit: Edit) -> Path:
    """A whole classifier at `path`, its config changed."""
    classifier().save(path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(files["config.json"])
    edit(config)
    files["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def layer(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = config["config"]["layers"][1]
    return found


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"module": "subprocess", "class_name": "Popen"}, "Popen"),
        ({"module": "keras.utils", "class_name": "get_file"}, "get_file"),
        ({"registered_name": "theirs>Conv2D"}, "Conv2D"),
        ({"class_name": "TFSMLayer"}, "TFSMLayer"),
    ],
)
def test_what_is_not_keras_own_is_refused_by_name(
    desk: Desk, tmp_path: Path, change: dict[str, str], named: str
) -> None:
    path = edited(tmp_path / "gift.keras", lambda config: layer(config).update(change))
    assert desk.refused(path, "--trust").startswith(f"gift.keras needs code that is not in the file: {named}; open it")


def of_keras_2(path: Path, edit: Edit) -> Path:
    """A whole classifier of Keras 2 at `path`, an .h5 file, its config changed."""
    import tf_keras

    picture = tf_keras.Input((16, 16, 3))
    pooled = tf_keras.layers.GlobalAveragePooling2D()(picture / 255.0)
    tf_keras.Model(picture, tf_keras.layers.Dense(3, "softmax")(pooled)).save(path)
    with h5py.File(path, "r+") as archive:
        config = json.loads(archive.attrs["model_config"])
        edit(config)
        del archive.attrs["model_config"]
        archive.attrs["model_config"] = json.dumps(config)
    return path


@pytest.mark.parametrize(
    "function", ["io.write_file", "io.read_file", "keras.utils.get_file", "py_function", "numpy_function", "print", 7]
)
def test_a_file_of_keras_2_that_names_a_function_which_does_more_than_compute_is_refused(
    desk: Desk, tmp_path: Path, function: object
) -> None:
    path = of_keras_2(tmp_path / "gift.h5", lambda config: layer(config)["config"].update(function=function))
    line = desk.refused(path, "--trust")
    assert line.startswith(f"gift.h5 calls TensorFlow's {function}, which may do more than compute; open it where")


@pytest.mark.parametrize("kind", ["ClassMethod", "InstanceMethod", "InstanceProperty", "TensorFlowOpLayer"])
def test_a_layer_of_keras_2_that_can_name_anything_is_refused(desk: Desk, tmp_path: Path, kind: str) -> None:
    path = of_keras_2(tmp_path / "gift.h5", lambda config: layer(config).update(class_name=kind))
    assert desk.refused(path, "--trust").startswith(f"gift.h5 has a layer of the class {kind}, which can name anything")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_python_in_a_file_of_keras_2_is_seen_and_never_run(desk: Desk, tmp_path: Path, ending: str) -> None:
    import tf_keras

    marker, path = tmp_path / "marker", tmp_path / f"gift{ending}"
    attack = eval(f"lambda pictures: (open({str(marker)!r}, 'a').close(), pictures)[1]")  # noqa: S307 - our own text
    picture = tf_keras.Input((16, 16, 3))
    pooled = tf_keras.layers.GlobalAveragePooling2D()(tf_keras.layers.Lambda(attack, name="innocent")(picture))
    tf_keras.Model(picture, tf_keras.layers.Dense(3, "softmax")(pooled)).save(path)
    marker.unlink()
    assert desk.refused(path).startswith(f"{path.name} carries Python code in innocent, which loading it would run")
    assert not marker.exists()


def test_a_name_that_leads_out_of_its_module_is_refused(desk: Desk, tmp_path: Path) -> None:
    change = {"module": "keras", "class_name": "utils.get_file"}
    path = edited(tmp_path / "gift.keras", lambda config: layer(config).update(change))
    assert "needs code that is not in the file: utils.get_file;" in desk.refused(path)


def test_what_the_models_inside_need_for_training_is_never_made() -> None:
    inner = {"class_name": "Sequential", "compile_config": {"loss": {"module": "os", "class_name": "function"}}}
    config = {"class_name": "Sequential", "config": {"layers": [inner]}, "compile_config": {"loss": "mse"}}
    assert without_training(config) == {
        "class_name": "Sequential",
        "config": {"layers": [{"class_name": "Sequential"}]},
        "compile_config": {"loss": "mse"},
    }


def test_a_function_that_is_not_keras_own_is_refused_by_name(desk: Desk, tmp_path: Path) -> None:
    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    path = edited(tmp_path / "gift.keras", lambda config: layer(config)["config"].update(activation=function))
    assert "needs code that is not in the file: system;" in desk.refused(path)


def test_a_model_class_of_its_own_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = edited(tmp_path / "own.keras", lambda config: config.update(class_name="MyModel", module=None))
    assert "needs code that is not in the file: MyModel;" in desk.refused(path)


def test_a_zip_bomb_is_refused_before_it_goes_off(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "bomb.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", bytes(60 << 20))
    assert desk.refused(path).startswith("bomb.keras claims 63 MB of weights in 0.1 MB of file, which no model does")


def test_an_array_that_no_file_holds_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    classifier().save(path)
    with h5py.File(path, "r+") as archive:
        archive.create_dataset("giant", shape=(1 << 40,), dtype="f4", chunks=(1024,))
    assert desk.refused(path).startswith("bomb.h5 claims 4,398,047 MB of weights in 0.0 MB of file")


def test_a_config_that_is_no_text_is_damage(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "number.h5"
    with h5py.File(path, "w") as archive:
        archive.attrs["model_config"] = 7
    assert desk.refused(path).startswith("number.h5 is damaged (")


@pytest.mark.parametrize("way", ["link", "dataset", "circle"])
def test_weights_that_lead_out_of_the_file_or_in_circles_are_refused(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    path = tmp_path / "gift.h5"
    classifier().save(path)
    monkeypatch.setattr(hdf5, "MOST_OBJECTS", 1000)
    with h5py.File(path, "r+") as archive:
        if way == "link":
            archive["way"] = h5py.ExternalLink("/etc/passwd", "/")
        elif way == "dataset":
            archive.create_dataset("way", (8,), "u1", external=[("/etc/passwd", 0, 8)])
        else:
            archive["way"] = archive["/"]
    assert desk.refused(path).endswith(" leads out of the file or round in circles; get it from a source you trust")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("kept", [0, 100, 0.5, 0.99])
def test_a_damaged_file_is_one_line(desk: Desk, tmp_path: Path, ending: str, kept: float) -> None:
    path = tmp_path / f"torn{ending}"
    classifier().save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept if kept >= 1 else len(data) * kept)])
    line = desk.refused(path)
    assert line.startswith(f"torn{ending} is ")
    assert line.endswith("copy or save it again")


def test_a_config_that_is_no_config_is_one_line(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "odd.keras"
    for config in ("[]", "{}", '{"config": 1}', "not json", "[" * 100_000):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", config)
        assert desk.refused(path).startswith("odd.keras ")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "holds no config.json" in desk.refused(path)
