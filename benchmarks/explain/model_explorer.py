"""Node data for Google's Model Explorer, so that the figures of layers lie over the model's graph there.

The format is `GraphNodeData` of its `node_data_builder.py` (google-ai-edge/model-explorer), as ai-edge-quantizer writes
it too: a value by the name of a tensor that a node puts out, with a colour of its own or one of a gradient over all.
"""

import json
from typing import Any

from benchmarks.formats.layers_file import LayerRecord, Layers

FILE = "model_explorer.json"
FAULTY = {"bgColor": "#d93025", "textColor": "white"}
GRADIENT = [{"stop": 0, "bgColor": "#e6f4ea"}, {"stop": 1, "bgColor": "#f9ab00"}]


def node_data(layers: Layers) -> bytes:
    """The JSON of one column: each layer's own difference, in quantisation steps or, of floats, relative to RMS."""
    results = {layer.name: _result(layer) for layer in layers.layers if layer.name}
    return json.dumps({"results": results, "gradient": GRADIENT}, indent=1).encode() + b"\n"


def _result(layer: LayerRecord) -> dict[str, Any]:
    return {"value": layer.own.size, **({} if layer.fault is None else FAULTY)}
