"""Sample layers of a phone, of any length: a network of blocks, one wrong layer, and what it hands on."""

from collections.abc import Sequence
from math import log10

import numpy as np
from msgspec.structs import replace

from benchmarks.compare.comparison import Comparison, Layer
from benchmarks.formats.layers_file import LayerFault, LayerFigures, LayerRecord, Layers, MissingTensor

BLOCK = ("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD")
END = ("MEAN", "FULLY_CONNECTED", "SOFTMAX")


def figures(relative: float, *, steps: bool = False, not_finite: float = 0.0) -> LayerFigures:
    """Figures that fit each other, of a tensor whose RMS is 1, or 20 steps; the same where `relative` is 0."""
    size = relative if relative else None
    return LayerFigures(
        largest=relative * 4,
        rms=relative,
        largest_steps=relative * 80 if steps else None,
        rms_steps=relative * 20 if steps else None,
        relative=relative,
        snr_db=None if size is None else -20 * log10(size),
        cosine=1 - relative**2 / 2,
        differing=min(1.0, relative * 10),
        not_finite=not_finite,
        saturated=0.0,
    )


def record(index: int, operator: str, own: LayerFigures, added: LayerFigures, fault: LayerFault | None) -> LayerRecord:
    """A layer without its counterpart in float."""
    name = f"net/block{index // len(BLOCK)}_{operator.lower()}/Relu6;net/block{index // len(BLOCK)}/BiasAdd"
    return LayerRecord(
        tensor=100 + index, name=name, operator=operator, fault=fault, own=own, adding_up=added, from_float=None
    )


def of(records: tuple[LayerRecord, ...]) -> Layers:
    """The layers of one model, two of whose tensors were not seen."""
    return Layers(
        model="recipe0_fp32",
        sha256="0" * 64,
        seen="Pixel 5 · 3f2a9c, app 1.0 on tensorflow-lite 2.16.1, cpu, 4 threads",
        inputs=("photo-0.jpg", "photo-1.jpg"),
        first=next((one.tensor for one in records if one.fault is not None), None),
        layers=records,
        missing=(MissingTensor(7, "net/block0/add", "the runtime did not give it"),),
        remarks=("probing changed the model's own answers by 1.2e-7 at most: this runtime fuses otherwise",),
    )


def layers(
    blocks: int = 15,
    wrong: int | None = 20,
    fault: LayerFault = LayerFault.VALUES,
    *,
    steps: bool = False,
    names: Sequence[str] = (),
    seed: int = 0,
) -> Layers:
    """A network of `blocks` whose layer `wrong` is wrong by itself; what comes before it is the same, up to rounding.

    `names` are those of its first layers.
    """
    random = np.random.default_rng(seed)
    records = []
    for index, operator in enumerate((*BLOCK * blocks, *END)):
        noise = 0.0 if operator == "MEAN" or index % 7 == 0 else float(random.uniform(1e-8, 6e-7))
        is_wrong = index == wrong
        is_behind = wrong is not None and index >= wrong
        lost = 0.03 if is_behind and fault is LayerFault.NOT_FINITE else 0.0
        own = figures(0.4 if is_wrong else noise, steps=steps, not_finite=lost if is_wrong else 0.0)
        added = figures(0.4 * float(random.uniform(0.3, 1)) if is_behind else noise * 3, steps=steps, not_finite=lost)
        records.append(record(index, operator, own, added, fault if is_wrong else None))
    named = [replace(one, name=name) for one, name in zip(records, names, strict=False)]
    return of((*named, *records[len(named) :]))


def in_every_row(made: Comparison, layers: Layers | None) -> Comparison:
    """The same comparison of phones that were asked for their tensors, and computed these layers."""
    return replace(made, rows=tuple(replace(row, probed=layers) for row in made.rows))


def against_float(random: np.random.Generator) -> tuple[Layer, ...]:
    """Tensors of a variant against float."""
    return tuple(
        Layer(index, f"block{index}/add", "CONV_2D", float(random.gamma(2, 0.02)), index % 2 * 0.03)
        for index in range(40)
    )
