"""The recipe's pictures and backbones; and, beside a developer's checkout, how good it is on real photographs."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.console.places import cache_folder
from export import recipes
from export.commands import run
from export.data.split_names import Split
from export.errors import SourceError
from export.recipe import Choices, Recipe
from export.recipes import cats_vs_dogs
from export.recipes.cats_vs_dogs import MOBILENET_V2, resolve
from export.transfer.backbones import EFFICIENTNET_LITE0
from export.transfer.classes import find
from export.transfer.feature_cache import FeatureCache
from export.transfer.features import Extractor, compute
from export.transfer.head import HeadPlan, probabilities_layer, train_head
from export.transfer.splits import divide
from tests.export.conftest import Quiet, cached
from tests.export.transfer.conftest import build_context
from tests.export.transfer.drawn import draw

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("HANDSET_TEST_DATA") or ROOT.parent / "shared" / "data") / "cats_dogs"


def settled(folder: Path, eval_dir: Path | None = None) -> tuple[Recipe, ...]:
    return resolve(Choices(images=folder, eval_dir=eval_dir), Quiet())


@pytest.mark.parametrize("names", [("cat", "dog"), ("Cat", "Dog"), ("cats", "dogs")])
def test_cats_and_dogs_however_their_folders_are_spelled(tmp_path: Path, names: tuple[str, str]) -> None:
    ways = settled(draw(tmp_path, dict.fromkeys(names, 10)))
    assert [way.card.labels for way in ways] == [("cat", "dog")] * 2
    assert [way.card.image.height for way in ways] == [96, 224]
    assert [way.made_from["backbone"][0] for way in ways] == ["MobileNetV2", "efficientnet_lite0"]
    assert {way.name for way in ways} == {"cats_vs_dogs"}


def test_other_classes_are_sent_to_teach(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has the classes bird, fish, cats_vs_dogs wants cat and dog; python -m expo"):
        settled(draw(tmp_path, {"bird": 10, "fish": 10}))


def test_test_pictures_are_not_trained_on(tmp_path: Path) -> None:
    folder = draw(tmp_path / "train", {"cat": 20, "dog": 20})
    own = draw(tmp_path / "own", {"cat": 3, "dog": 3}, first=18)
    classes = cats_vs_dogs._with_test_split(find(folder), find(own))
    splits = divide(classes, 0, Quiet())
    test = {photo.name for photo, _ in splits.photos[Split.TEST]}
    assert test == {f"own/{name}/00{index}.png" for name in ("cat", "dog") for index in (18, 19, 20)}
    assert splits.duplicates == 4
    assert settled(folder, own)[0].made_from["pictures"] != settled(folder)[0].made_from["pictures"]


def test_the_list_needs_no_pictures() -> None:
    recipe = recipes.find("cats_vs_dogs")
    assert recipe.card.labels == ("cat", "dog")
    assert recipe.resolve is not None
    dense = 1280 * 2 + 2
    assert recipe.parameters == 2_257_984 + dense, "Keras's own count of MobileNetV2 without its top, and the head"


def test_without_pictures_and_without_tensorflow_datasets_the_way_out_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("export.transfer.tfds.find_spec", lambda _: None)
    with pytest.raises(SourceError) as refused:
        resolve(Choices(), Quiet())
    assert str(refused.value) == (
        "cats_vs_dogs has no pictures: TensorFlow Datasets is not installed; "
        "give a folder with --images DIR (DIR/<class>/<picture>.jpg), or install it"
    )


def test_pictures_that_were_laid_out_before_are_taken_from_the_cache() -> None:
    draw(cache_folder() / "tfds" / "cats_vs_dogs-4.0.1", {"cat": 10, "dog": 10})
    assert len(resolve(Choices(), Quiet())) == 2


def test_where_the_weights_cannot_be_had_the_embedded_network_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways, progress = settled(draw(tmp_path / "pets", {"cat": 10, "dog": 10})), Quiet()

    def unreachable(*_: object) -> None:
        raise SourceError("Keras download: no route")

    monkeypatch.setattr("export.source.KerasDownload.fetch", unreachable)
    assert run._obtainable(ways, Choices(), progress) is ways[1]
    assert "Keras download: no route" in progress.said[-1]
    weights = tmp_path / "weights.h5"
    weights.write_bytes(b"given")
    assert run._obtainable(ways, Choices(local_files={"--weights": weights}), progress) is ways[0]
    assert MOBILENET_V2.sources[0].option == "--weights"


@pytest.mark.thorough
@pytest.mark.usefixtures("tensorflow")
@pytest.mark.skipif(not DATA.is_dir(), reason="cats_dogs is not there; HANDSET_TEST_DATA names a folder that holds it")
def test_a_trained_head_tells_real_cats_from_real_dogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred of the test photographs; all thousand are measured in an export, and told in docs/transfer.md."""
    monkeypatch.delenv("HANDSET_CACHE")
    cached(*EFFICIENTNET_LITE0.sources)
    context = build_context()
    from export.data import sources

    files = {source.name: sources.obtain(source, None, print) for source in EFFICIENTNET_LITE0.sources}
    network = EFFICIENTNET_LITE0.load(type(context)(files, context.choices, context.progress))
    extractor, cache, progress = Extractor(network, EFFICIENTNET_LITE0.image), FeatureCache(), Quiet()
    splits = divide(find(DATA), 0, progress)
    train, validation, test = (
        compute(split, splits.photos[split][::step], extractor, cache, progress)
        for split, step in ((Split.TRAIN, 4), (Split.VALIDATION, 4), (Split.TEST, 10))
    )
    logits, _ = train_head(train, validation, 2, HeadPlan(), 0, progress)
    answers = np.asarray(probabilities_layer(logits, 2)(test.vectors)).argmax(axis=1)
    assert len(test.labels) == 100
    assert (answers == test.labels).mean() >= 0.95
