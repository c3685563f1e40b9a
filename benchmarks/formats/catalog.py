"""`handset.catalog/1` and `handset.selftest/1`: what the app finds in its assets beside the models."""

from typing import Annotated

from msgspec import Meta

from benchmarks.formats.declared import Declared, Line, Sha256, about
from metadata.door import Door

CATALOG_FORMAT = "handset.catalog/1"
CATALOG_FILE = "catalog.json"
SELF_TEST_FORMAT = "handset.selftest/1"
SELF_TEST_FILE = "selftest.json"


class CatalogEntry(Declared, frozen=True, kw_only=True, omit_defaults=True):
    """One model of the app."""

    recipe: Annotated[Line, about("as in the manifest")]
    variant: Annotated[Line, about("as in the manifest")]
    path: Annotated[Line, about("file beside the catalogue; its name carries the start of its hash")]
    sha256: Annotated[Sha256, about("of that file")]
    screen: Annotated[Line, about("`digit` or `gallery`")]
    default: Annotated[bool, about("true once a recipe")]
    door: Annotated[Door | None, about("as in the manifest; no key, no verdict")] = None
    self_test: Annotated[Line | None, about("file beside the catalogue that speaks of this model")] = None


class Catalog(Declared, frozen=True, tag_field="format", tag=CATALOG_FORMAT):
    """`catalog.json`."""

    models: Annotated[tuple[CatalogEntry, ...], about("in the order in which the app offers them")]


class SelfTestInput(Declared, frozen=True):
    """One input of a self-test."""

    name: Annotated[Line, about("an entry: a PNG picture, or `*.raw` levels of the model's own size")]
    decoded_sha256: Annotated[Sha256 | None, about("of the stored picture on white, not turned; null for `*.raw`")]


class SelfTestModel(Declared, frozen=True):
    """What one model has to give."""

    sha256: Annotated[Sha256, about("of the `.tflite` file that is meant")]
    fed_sha256: Annotated[tuple[Sha256, ...], about("of the tensor that each input becomes, little-endian")]
    outputs: Annotated[Line, about("an entry: the raw outputs for all inputs, in their order, little-endian")]
    tolerance: Annotated[float, Meta(ge=0, description="how far an output may be off, in its own unit")]


class SelfTest(Declared, frozen=True, tag_field="format", tag=SELF_TEST_FORMAT):
    """`selftest.json`."""

    inputs: tuple[SelfTestInput, ...]
    models: tuple[SelfTestModel, ...]
