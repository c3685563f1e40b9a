"""`explain --layers` where the phone, or its user, does not do what was hoped for."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from benchmarks.formats.result import Result
from benchmarks.formats.results import StoredResult
from benchmarks.runners.desktop.runner import desktop_runner
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.runner import JobRunner
from metadata.tensors import short_name
from tests.benchmarks.conftest import Reach, Start
from tests.benchmarks.explain.faulty_phone import faulty_phone
from tests.benchmarks.explain.odd_phones import (
    changing_probes,
    elsewhere,
    no_answers,
    older_app,
    one_less,
    renamed,
    stopping_at_probe,
)
from tests.benchmarks.explain.seeded import INPUTS, STRICT, Kit, exported, weighted
from tests.benchmarks.models import is_exported
from tests.benchmarks.rig import left_on, start_with_app

pytestmark = pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
ROOT = Path(__file__).parents[3]
FP32 = "digits_cnn_fp32"
IN_PARTS = """
import sys
from functools import partial
from benchmarks.__main__ import main
from benchmarks.commands import probe
probe.plan_probes = partial(probe.plan_probes, limit_bytes=160_000)
sys.exit(main(sys.argv[1:]))
"""
"""The kit, with parts of one digit each."""


@pytest.fixture
def kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Kit:
    return Kit(tmp_path / "build", capsys)


def measured(kit: Kit, start: Start, reach: Reach, runner: JobRunner = desktop_runner) -> VirtualPhone:
    """A virtual phone that has run digits_cnn in fp32."""
    virtual = start_with_app(start, runner=runner)
    kit.phone = reach(virtual)
    assert kit(*kit.run_of(exported("digits_cnn", "fp32"))).code == 0
    return virtual


def process(kit: Kit, *words: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, which fetches the tensors of one input at a time."""
    command = [sys.executable, "-c", IN_PARTS, *words, *kit.build, *kit.phone]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def interrupted(kit: Kit, reached: Event, *words: str) -> str:
    """What the command says when Ctrl-C comes as a probe runs."""
    running = process(kit, *words)
    assert reached.wait(120)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert (running.returncode, "Traceback" in err) == (130, False), err
    return err


def test_a_probe_that_is_interrupted_leaves_nothing_on_the_phone_and_is_gone_on_with(
    kit: Kit, start: Start, reach: Reach
) -> None:
    reached = Event()
    virtual = measured(kit, start, reach, stopping_at_probe(2, reached))
    asked = ("explain", "--layers", "--models", FP32)
    interrupted(kit, reached, *asked)
    assert left_on(virtual) == []
    assert len(list(kit.phone_folder.glob("probes/**/*.result.json"))) == 1
    assert not (kit.phone_folder / "layers").exists()
    again = process(kit, *asked)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert [part in err for part in ("part 1 of 4", "part 2 of 4", "part 4 of 4")] == [False, True, True]
    assert "no layer is wrong by itself" in out
    assert len(kit.layers(exported("digits_cnn", "fp32")).inputs) == INPUTS
    assert not (kit.phone_folder / "probes").exists()
    assert left_on(virtual) == []


def test_a_run_that_is_interrupted_as_it_looks_into_layers_is_gone_on_with(
    kit: Kit, start: Start, reach: Reach
) -> None:
    one, reached = exported("digits_cnn", "fp32"), Event()
    at, _ = weighted(one, 1)
    virtual = start_with_app(start, runner=faulty_phone(stopping_at_probe(1, reached), "stale_weights", at))
    kit.phone = reach(virtual)
    asked = kit.run_of(one, STRICT, count=40)
    err = interrupted(kit, reached, *asked)
    assert "the same command goes on from there" in err
    assert left_on(virtual) == []
    again = process(kit, *asked)
    _, err = again.communicate(timeout=120)
    assert (again.returncode, "was not finished: going on with it" in err) == (1, True), err
    assert "evaluate on" not in err
    assert "tensors, part 1 of " in err
    assert kit.layers(one).first_faulty is not None


def test_an_app_that_is_older_than_probes_is_named_with_what_to_do(kit: Kit, start: Start, reach: Reach) -> None:
    virtual = measured(kit, start, reach, older_app)
    said = kit.explain_layers(exported("digits_cnn", "fp32"))
    assert said.code == 2
    (line,) = (line for line in said.err.splitlines() if "its layers are not known" in line)
    assert line.startswith(f"{FP32}: its layers are not known: ")
    assert "the app on phone" in line
    assert "does not know this kind of job" in line
    assert "update the benchmark app with make install" in line
    assert "nothing to explain, no arrow changes an answer" in said.out, "what is known without it is still said"
    assert left_on(virtual) == []


def test_a_phone_that_is_not_attached_is_named(kit: Kit, start: Start, reach: Reach) -> None:
    measured(kit, start, reach)
    kit.phone = reach(start_with_app(start, serial="virtual-2"))
    said = kit.explain_layers(exported("digits_cnn", "fp32"))
    assert said.code == 2
    assert f"{FP32}: its layers are not known: phone Virtual_phone-virtual-1 is not attached; attach it" in said.err


@pytest.mark.parametrize("change", [renamed, one_less])
def test_a_tensor_that_the_phone_renames_or_keeps_is_named_and_the_others_are_compared(
    kit: Kit, start: Start, reach: Reach, change: Callable[[StoredResult], Result]
) -> None:
    measured(kit, start, reach, changing_probes(change))
    said = kit.explain_layers(exported("digits_cnn", "fp32"))
    layers = kit.layers(exported("digits_cnn", "fp32"))
    assert (said.code, layers.first) == (0, None)
    (missing,) = layers.missing
    assert missing.reason == "the runtime did not give it"
    assert f"not compared: {short_name(missing.name)} (" in said.out
    assert len(layers.layers) == 8


def test_tensors_that_were_computed_elsewhere_than_the_answers_are_said_to_be(
    kit: Kit, start: Start, reach: Reach
) -> None:
    measured(kit, start, reach, changing_probes(elsewhere))
    said = kit.explain_layers(exported("digits_cnn", "fp32"))
    layers = kit.layers(exported("digits_cnn", "fp32"))
    assert (said.code, ", gpu, " in layers.seen) == (0, True)
    assert "these tensors were computed on gpu, the model's own answers on cpu: the copy fits" in said.out


def test_answers_that_probing_makes_nan_are_said_to_be_changed(kit: Kit, start: Start, reach: Reach) -> None:
    measured(kit, start, reach, changing_probes(no_answers))
    said = kit.explain_layers(exported("digits_cnn", "fp32"))
    layers = kit.layers(exported("digits_cnn", "fp32"))
    assert (said.code, layers.first) == (0, layers.layers[-1].tensor)
    assert layers.remarks[0].startswith("probing changed this phone's answers by up to 1.000: ")


def test_a_run_without_a_difference_asks_no_phone_unless_a_model_is_named(kit: Kit, start: Start, reach: Reach) -> None:
    measured(kit, start, reach)
    said = kit("explain", "--layers")
    assert (said.code, said.err) == (0, "")
    assert "no phone answers otherwise on the same tensors; --models fetches them all the same" in said.out
    said = kit("explain", "--layers", "--json")
    assert json.loads(said.out)["format"] == "handset.explanation/1"
    assert "no phone answers otherwise" in said.err
    assert not (kit.phone_folder / "layers").exists()


def test_a_virtual_phone_is_asked_by_the_runner_that_measured_it(kit: Kit) -> None:
    one = exported("digits_cnn", "fp32")
    kit.phone = ["--device", "virtual"]
    assert kit(*kit.run_of(one)).code == 0
    kit.phone = ["--device", "virtual", "--runner", "kotlin"]
    said = kit.explain_layers(one)
    assert (said.code, said.out) == (2, "")
    assert "was measured by another runner than kotlin; add --runner desktop" in said.err
    kit.phone = ["--device", "virtual"]
    assert kit.explain_layers(one).code == 0
