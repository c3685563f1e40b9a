"""Which recipes a command means, what becomes of those that cannot be had, and the list of all there is."""

import json
from pathlib import Path

import pytest
from PIL import Image

from export.commands.arguments import variants
from export.output.store import Store
from export.recipe import Variant
from export.recipes import DEFAULT, cats_vs_dogs
from tests.export.commands.test_command_line import RECIPES, Done, Kit, refused
from tests.export.conftest import noise

pytestmark = pytest.mark.thorough


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """With a cache of its own, where the weights that cats_vs_dogs asks for lie, so that no test fetches them."""
    kit, file = Kit(tmp_path), tmp_path / "cache" / cats_vs_dogs.WEIGHTS.name / cats_vs_dogs.FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a stand-in as well")
    kit.environment["HANDSET_CACHE"] = str(tmp_path / "cache")
    return kit


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Pictures for cats_vs_dogs, each another one."""
    for number, name in enumerate([f"{pet}/{count}.png" for pet in ("cat", "dog") for count in range(20)]):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(number, 8, 8, 3)).save(path)
    return tmp_path / "pets"


def named(done: Done) -> list[str]:
    """The recipes that were begun, in order."""
    return [line for line in done.stderr.splitlines() if line in RECIPES]


def test_the_list_says_what_there_is_and_what_was_measured(kit: Kit) -> None:
    assert "not yet" in kit.run("--list").stdout
    kit.run("digits_cnn")
    listed = kit.run("--list", environment={"WITH_TENSORFLOW": "1"})
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.splitlines()[-1] == "false", "TensorFlow is not loaded for a list"
    rows = {line.split()[0]: line.split()[1:] for line in listed.stdout.splitlines() if line.startswith(RECIPES)}
    assert tuple(rows) == RECIPES
    today = Store(kit.models).records["digits_cnn"].exported_at[:10]
    assert rows["digits_cnn"] == ["93,322", "28×28×1", "mnist", "99.00%", "10,000", today]
    assert rows["digits_resnet50v2"] == ["23,579,018", "32×32×1", "mnist", "not", "yet"]
    assert rows["vgg16"][0] == "138,357,544"
    assert not [line for line in listed.stdout.splitlines() if len(line.rstrip()) > 80 or "…" in line]


def test_the_list_has_the_users_own_models_too(kit: Kit) -> None:
    kit.run("digits_cnn")
    manifest = json.loads((kit.models / "manifest.json").read_text())
    own = manifest["recipes"]["digits_cnn"] | {"parameters": 1234, "sources": []}
    own |= {"evaluation": {"name": "mine", "inputs": 77, "labelled": True}}
    given = own["variants"]["fp32"] | {"parity": None, "accuracy": 0.5}
    ready = own | {"parameters": None, "variants": {"given": given}, "default_variant": "given"}
    manifest["recipes"] |= {"my_pets": own, "ready": ready}
    (kit.models / "manifest.json").write_text(json.dumps(manifest))
    rows = [line.split() for line in kit.run("--list").stdout.splitlines() if line.startswith(("my_pets", "ready"))]
    told = ["28×28×1", "99.00%", "77", own["exported_at"][:10]]
    assert rows == [["my_pets", "1,234", *told], ["ready", "–", told[0], "50.00%", *told[2:]]]


def test_a_variant_that_is_named_twice_is_made_once() -> None:
    assert variants("int8,fp32,int8") == (Variant.INT8, Variant.FP32)


def test_without_names_the_quick_recipes_are_exported_and_with_all_every_one(kit: Kit, pets: Path) -> None:
    assert kit.run().returncode == 0
    assert tuple(Store(kit.models).records) == ("digits_cnn", "digits_mlp", "efficientnet_lite0")
    done = kit.run("--all", "--images", pets)
    assert done.returncode == 0, done.stderr
    assert tuple(Store(kit.models).records) == RECIPES
    assert named(done) == [name for name in RECIPES if name not in DEFAULT]


def test_all_goes_on_without_what_cannot_be_had_and_says_so_at_the_end(kit: Kit, pets: Path) -> None:
    done = kit.run("--all", "--images", pets, environment={"REFUSED": "digits_mlp,vgg16"})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        f"export: {name} not exported: {name} could not be obtained: it is refused" for name in ("digits_mlp", "vgg16")
    ]
    assert tuple(Store(kit.models).records) == tuple(name for name in RECIPES if name not in ("digits_mlp", "vgg16"))
    titles = [line.strip() for line in done.stdout.splitlines() if line.strip() in RECIPES]
    assert titles == list(Store(kit.models).records)
    shipped = {model["recipe"] for model in json.loads((kit.assets / "catalog.json").read_text())["models"]}
    assert {"mobilenet_v2", "digits_cnn"} <= shipped
    again = kit.run("--all", "--images", pets, environment={"REFUSED": "digits_mlp"})
    assert named(again) == ["digits_mlp", "vgg16"]
    (line,) = (line for line in again.stderr.splitlines() if line.startswith("export: "))
    assert line == "export: digits_mlp not exported: digits_mlp could not be obtained: it is refused"


def test_all_that_exports_nothing_is_a_failure(kit: Kit) -> None:
    done = kit.run("--all", environment={"REFUSED": ",".join(RECIPES)})
    assert (done.returncode, done.stdout) == (2, "")
    assert len([line for line in done.stderr.splitlines() if " not exported: " in line]) == len(RECIPES)


def test_named_recipes_stop_at_the_first_that_cannot_be_had(kit: Kit) -> None:
    done = kit.run("digits_mlp", "digits_cnn", environment={"REFUSED": "digits_mlp"})
    assert refused(done) == "digits_mlp could not be obtained: it is refused"
    assert Store(kit.models).records == {}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--all", "vgg16"], "--all is every recipe; leave out vgg16, or --all"),
        (
            ["vgg16", "mobilenet_v2", "--weights", "Makefile"],
            "--weights Makefile cannot be those of vgg16 and mobilenet_v2; name one of them",
        ),
    ],
)
def test_what_cannot_be_meant_together_is_one_line(kit: Kit, arguments: list[str], line: str) -> None:
    assert refused(kit.run(*arguments)) == line
