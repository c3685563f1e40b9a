from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.evaluation import pictures
from export.errors import SourceError
from export.transfer import features
from export.transfer.backbones import Backbone
from export.transfer.classes import find
from export.transfer.feature_cache import FeatureCache
from export.transfer.features import Extractor, compute
from export.transfer.splits import Hashed, _hashed
from metadata.picture import decode
from metadata.preprocess import tensor
from tests.export.conftest import Quiet, unwarned
from tests.export.transfer.drawn import draw


@pytest.fixture(scope="module")
def extractor(network: Any, little: Backbone) -> Extractor:
    with unwarned():
        return Extractor(network, little.image)


def photos(folder: Path) -> list[Hashed]:
    return _hashed(find(folder), print, lambda _: None)[0]


@pytest.mark.usefixtures("tensorflow")
def test_features_are_those_of_the_keras_network(
    extractor: Extractor, network: Any, little: Backbone, tmp_path: Path
) -> None:
    found = photos(draw(tmp_path / "pets", {"cat": 4, "dog": 3}))
    computed = compute("features", found, extractor, FeatureCache(), Quiet())
    fed = np.stack([tensor(decode(photo.path), little.image) for photo, _ in found])
    assert np.allclose(computed.vectors, network(fed, training=False), atol=1e-4)
    assert computed.vectors.shape == (7, 16)
    assert computed.labels.tolist() == [0] * 4 + [1] * 3


@pytest.mark.usefixtures("tensorflow")
def test_known_pictures_are_not_opened_again(extractor: Extractor, tmp_path: Path) -> None:
    found = photos(draw(tmp_path / "pets", {"cat": 4, "dog": 3}))
    first = compute("features", found, extractor, FeatureCache(), Quiet())
    for photo, _ in found[:5]:
        photo.path.unlink()
    new = photos(draw(tmp_path / "more", {"cat": 1, "dog": 1}, first=100))
    progress = Quiet()
    again = compute("features", [*found, *new], extractor, FeatureCache(), progress)
    assert np.array_equal(again.vectors[:7], first.vectors)
    assert progress.said[-1] == "9 pictures, 2 of them new"
    assert progress.advanced == 9


@pytest.mark.usefixtures("tensorflow")
def test_the_key_follows_the_weights_and_the_preprocessing(
    extractor: Extractor, network: Any, little: Backbone
) -> None:
    from dataclasses import replace

    import keras

    assert Extractor(network, little.image).key == extractor.key
    other = keras.models.clone_model(network)
    assert Extractor(other, little.image).key != extractor.key
    assert Extractor(network, replace(little.image, crop=None)).key != extractor.key


@pytest.mark.usefixtures("tensorflow")
def test_damaged_pictures_are_named_left_out_and_counted(extractor: Extractor, tmp_path: Path) -> None:
    folder = draw(tmp_path / "pets", {"cat": 20, "dog": 20})
    torn = folder / "cat" / "0007.png"
    torn.write_bytes(torn.read_bytes()[:200])
    progress = Quiet()
    computed = compute("features", photos(folder), extractor, FeatureCache(), progress)
    assert len(computed.photos) == len(computed.vectors) == 39
    assert "cat/0007.png" not in {photo.name for photo, _ in computed.photos}
    (line,) = [line for line in progress.said if line.startswith("skipped")]
    assert line.startswith("skipped cat/0007.png: damaged, ")
    for index in range(2):
        (folder / "cat" / f"{index:04d}.png").write_bytes(b"\x89PNG" + bytes([index]))
    with pytest.raises(
        SourceError, match=r"^features: 3 of 40 pictures cannot be read, more than 5%; repair or remove those named"
    ):
        compute("features", photos(folder), extractor, FeatureCache(), Quiet())


class Interrupted(Quiet):
    """Ctrl-C after the second batch."""

    def advance(self, done: int, note: str = "") -> None:
        super().advance(done, note)
        if self.advanced >= 16:
            raise KeyboardInterrupt


@pytest.mark.usefixtures("tensorflow")
def test_what_was_computed_before_ctrl_c_is_not_computed_again(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "BATCH", 8)
    found = photos(draw(tmp_path / "pets", {"cat": 20, "dog": 20}))
    with pytest.raises(KeyboardInterrupt):
        compute("features", found, extractor, FeatureCache(), Interrupted())
    assert len(FeatureCache().load(extractor.key)) == 16


@pytest.mark.usefixtures("tensorflow")
def test_no_more_than_a_few_batches_of_pictures_are_in_memory(
    extractor: Extractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "BATCH", 8)
    decoded: list[int] = []
    extracted: list[int] = []
    furthest = 0
    real = pictures.batches

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal furthest
        for batch in real(*arguments, **named):
            decoded.append(len(batch))
            furthest = max(furthest, sum(decoded) - sum(extracted))
            yield batch

    def vectors(levels: Any) -> Any:
        extracted.append(len(levels))
        return np.zeros((len(levels), 4), np.float32)

    monkeypatch.setattr(features, "batches", counted)
    monkeypatch.setattr(extractor, "vectors", vectors)
    monkeypatch.setattr(extractor, "key", "0" * 64)
    compute("features", photos(draw(tmp_path / "pets", {"cat": 50, "dog": 50})), extractor, FeatureCache(), Quiet())
    assert sum(extracted) == 100
    assert furthest <= 3 * 8
