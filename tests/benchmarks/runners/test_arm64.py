"""arm64 kernels without a phone: the environment is made for real where Debian's packages can be had."""

import platform
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.runners.arm64.environment import EmulationError, Environment, missing, prepare
from benchmarks.runners.arm64.runner import arm64_runner
from tests.benchmarks.conftest import Attach, Reach, Start
from tests.benchmarks.explain.seeded import Kit, exported
from tests.benchmarks.models import is_exported
from tests.benchmarks.rig import start_with_app
from tests.benchmarks.runner_jobs import as_expected, probe_as_expected

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def emulated() -> Environment:
    if (lack := missing()) is not None:
        pytest.skip(lack)
    try:
        return prepare(lambda _line: None)
    except EmulationError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", ["tensors_fp32", "tensors_int8", "images_int8"])
def test_an_emulated_phone_answers_as_the_golden_jobs_expect(
    name: str, emulated: Environment, start: Start, attach: Attach, tmp_path: Path
) -> None:
    phone = attach(start(runner=arm64_runner(emulated)))
    job, theirs, ours = as_expected(phone, name, tmp_path)
    assert theirs.result.device.abi == "arm64-v8a"
    assert theirs.result.runtime.name == "litert"
    assert theirs.result.virtual
    if job.return_fed:
        assert np.array_equal(theirs.fed(), ours.fed())  # type: ignore[arg-type]  # both return them


@pytest.mark.parametrize("name", ["probe_fp32", "probe_int8", "probe_types"])
def test_an_emulated_phone_gives_the_tensors_that_a_golden_probe_expects(
    name: str, emulated: Environment, start: Start, attach: Attach, tmp_path: Path
) -> None:
    theirs = probe_as_expected(attach(start(runner=arm64_runner(emulated))), name, tmp_path)
    assert theirs.result.device.abi == "arm64-v8a"


@pytest.mark.skipif(not is_exported(), reason="build/models holds no models: run make export first")
def test_where_arm64_kernels_part_from_these_first_is_named_and_is_no_fault(
    emulated: Environment, start: Start, reach: Reach, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dynamic convolutions quantise their input while they run: between two steps, kernels take different ones."""
    kit, variant = Kit(tmp_path / "build", capsys), exported("efficientnet_lite0", "dynamic")
    kit.phone = reach(start_with_app(start, runner=arm64_runner(emulated)))
    assert kit(*kit.run_of(variant, count=2)).code == 0
    said = kit.explain_layers(variant)
    layers = kit.layers(variant)
    assert (said.code, layers.first, layers.missing) == (0, None, ())
    first = layers.parting[0]
    assert f"no layer is wrong by itself; from {first.title} on, " in said.out
    assert first.operator == "CONV_2D"
    assert first.own == first.adding_up, "it was given what it is given here"
    assert 0 < (first.own.relative or 0) < 1e-3


def test_another_system_is_told_what_emulation_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(EmulationError, match="Linux's qemu-user, and this is Darwin; use a phone"):
        prepare(lambda _line: None)


def test_a_linux_without_debian_s_tools_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmulationError, match="apt-get and dpkg-deb not found"):
        prepare(lambda _line: None)


def test_an_environment_that_cannot_be_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """apt itself says what is wrong; here there is none that could fetch anything."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("apt-get", "dpkg-deb", "dpkg"):
        program = programs / name
        program.write_text("#!/bin/sh\necho 'E: no network' >&2\nexit 100\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("HANDSET_CACHE", str(tmp_path / "cache"))
    with pytest.raises(EmulationError, match=r"E: no network.*; connect and run again"):
        prepare(lambda _line: None)
    assert list((tmp_path / "cache").iterdir()) == []
