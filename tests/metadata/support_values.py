"""Any metadata that a model may carry, for Hypothesis to choose from."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from metadata.support_metadata import (
    AssociatedFile,
    ColorSpace,
    Content,
    FileType,
    Normalization,
    SupportMetadata,
    TensorMetadata,
)

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
names = st.text("abcäß한1-_", min_size=1, max_size=8).map("{}.txt".format)


def members(kind: type[StrEnum]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(list(kind))


files = st.lists(
    st.builds(AssociatedFile, name=names, description=texts, type=members(FileType), locale=texts),
    max_size=3,
    unique_by=lambda file: file.name,
).map(tuple)


def per_channel(strategy: st.SearchStrategy[float]) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(strategy, min_size=1, max_size=3).map(tuple)


@st.composite
def tensors(draw: Callable[..., Any]) -> TensorMetadata:
    content = draw(members(Content))
    return TensorMetadata(
        name=draw(texts),
        description=draw(texts),
        content=content,
        color_space=draw(members(ColorSpace)) if content is Content.IMAGE else None,
        normalization=draw(st.none() | st.builds(Normalization, per_channel(floats), per_channel(floats))),
        min=draw(st.just(()) | per_channel(floats)),
        max=draw(st.just(()) | per_channel(floats)),
        files=draw(files),
    )


def support_metadata(fewest: int = 0, most: int = 3) -> st.SearchStrategy[SupportMetadata]:
    """Metadata with every field there or not, and so many inputs and outputs."""
    some = st.lists(tensors(), min_size=fewest, max_size=most).map(tuple)
    return st.builds(
        SupportMetadata,
        name=texts,
        description=texts,
        version=texts,
        author=texts,
        license=texts,
        min_parser_version=st.none(),
        inputs=some,
        outputs=some,
        files=files,
    )
