"""What `show --json` says about the tiny models, as files. UPDATE_GOLDEN=1 rewrites them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from metadata.descriptions import describe, json_text
from metadata.reader import read_bytes
from metadata.writer import pack
from tests.metadata.conftest import Cards

GOLDEN = Path(__file__).parents[1] / "golden" / "metadata"
UPDATE = "UPDATE_GOLDEN"


@pytest.mark.parametrize("name", ["fp32_1", "int8_1", "fp32_3", "int8_3"])
def test_show_prints_what_is_in_the_golden_file(tiny: Mapping[str, bytes], card_for: Cards, name: str) -> None:
    shown = json_text(describe(read_bytes(pack(tiny[name], card_for(int(name[-1]))))))
    path = GOLDEN / f"{name}.json"
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown + "\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == json.loads(shown)
