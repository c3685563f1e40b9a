"""The finished APK, read by independent programs: apksigner, aapt2, dexdump and androguard.

It is built only when one of its sources is newer.
"""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from android_app.desktop.apk import archive, install
from android_app.desktop.apk.check import check
from android_app.desktop.apk.project import ABIS, ASSETS, app_properties
from android_app.desktop.apk.tools import aapt2
from benchmarks.adb.keys import load_keys, public_line
from benchmarks.runners.java import find_jdk
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.runner import no_runner
from benchmarks.virtual_phone.state import PhoneState
from export.errors import ExportError
from export.runtimes import environment

pytestmark = pytest.mark.thorough

READER = Path(__file__).with_name("read_with_androguard.py")
MODELS = ASSETS / "models"
CLASSES = ("MainActivity", "HandsetApplication", "BenchmarkInstrumentation", "MeasuringActivity")
MB = 1_000_000


def output_of(program: str, *arguments: str | Path) -> str:
    """The output of a program that Debian has in a package of the same name; the test fails when the program does.

    apksigner takes the Java on the path, so the path begins with the kit's.
    """
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine; apt install {program}")
    done = subprocess.run(
        [found, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",  # strings of a dex are not quite UTF-8
        check=False,
        env={**find_jdk().environment, "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{found}: {done.stderr[-2000:]}"
    return done.stdout


def test_apksigner_verifies_every_scheme_without_a_warning(apk: Path) -> None:
    verified = output_of("apksigner", "verify", "--verbose", "-Werr", "--min-sdk-version", "23", apk)
    schemes = dict(re.findall(r"using (v\d) scheme .*: (true|false)", verified))
    assert schemes == {"v1": "true", "v2": "true", "v3": "true", "v4": "false"}


def test_aapt2_reads_what_the_manifest_says(apk: Path) -> None:
    done = subprocess.run([aapt2(), "dump", "badging", apk], capture_output=True, text=True, check=True)
    badging, expected = done.stdout, app_properties()
    package = (
        f"package: name='{expected.package}' versionCode='{expected.version_code}' versionName='{expected.version}'"
    )
    assert badging.startswith(package)
    assert f"\nsdkVersion:'{expected.min_sdk}'\ntargetSdkVersion:'{expected.target_sdk}'\n" in badging
    assert re.findall(r"^uses-permission.*name='([^']+)'", badging, re.MULTILINE) == ["android.permission.CAMERA"]
    assert re.findall(r"^launchable-activity: name='([^']+)'", badging, re.MULTILINE) == ["app.handset.MainActivity"]
    assert re.findall(r"^native-code: (.*)", badging, re.MULTILINE) == [" ".join(f"'{abi}'" for abi in ABIS)]
    assert re.findall(r"^locales: (.*)", badging, re.MULTILINE) == ["'--_--' 'ko'"]
    assert "\napplication-debuggable\n" in badging


def test_dexdump_disassembles_every_class_of_every_dex(apk: Path, tmp_path: Path) -> None:
    described: set[str] = set()
    with zipfile.ZipFile(apk) as packed:
        dexes = [name for name in packed.namelist() if name.endswith(".dex")]
        packed.extractall(tmp_path, dexes)
    assert dexes
    for name in dexes:
        output_of("dexdump", "-c", tmp_path / name)
        dump = output_of("dexdump", "-f", "-d", tmp_path / name)
        classes = re.findall(r"^  Class descriptor  : 'L([^;]+);'", dump, re.MULTILINE)
        (count,) = re.findall(r"^class_defs_size\s*: (\d+)", dump, re.MULTILINE)
        assert len(classes) == int(count)
        described.update(classes)
    assert {f"app/handset/{name}" for name in CLASSES} <= described
    assert "org/tensorflow/lite/Interpreter" in described


def test_androguard_accepts_package_signatures_and_every_instruction(apk: Path) -> None:
    try:
        python = environment("androguard", READER.with_name("androguard.lock"), print)
    except ExportError as error:
        pytest.skip(str(error))
    done = subprocess.run([python, READER, apk], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read.pop("instructions") > 100_000
    assert read == {
        "valid": True,
        "package": app_properties().package,
        "permissions": ["android.permission.CAMERA"],
        "signed": [True, True, True],
    }


def test_the_exported_models_are_inside_as_they_are_and_stored(apk: Path) -> None:
    exported = {f"assets/models/{path.name}": path.read_bytes() for path in MODELS.iterdir()}
    with zipfile.ZipFile(apk) as packed:
        inside = {name: packed.read(name) for name in packed.namelist() if name.startswith("assets/models/")}
    assert inside == exported
    models = [name for name in inside if name.endswith(".tflite")]
    assert models
    assert set(models) <= archive.offsets(apk).keys()


def test_it_is_small_without_models_and_smaller_without_the_gpu_delegate(apk: Path) -> None:
    found = check(apk, aapt2())
    without_gpu_bytes = found.app_bytes - found.gpu_bytes
    print(f"without models {found.app_bytes / MB:.2f} MB, without the GPU delegate too {without_gpu_bytes / MB:.2f} MB")
    assert found.app_bytes < 17.7 * MB
    assert without_gpu_bytes < 13 * MB


def test_it_installs_over_the_kits_own_link(
    apk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "9")  # loopback's discard port: no phone of this user's
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)
    state = PhoneState("virtual-1", tmp_path / "phone", [], no_runner, [])
    with VirtualPhone(state, known_keys=[public_line(key) for key in load_keys()]) as phone:
        monkeypatch.setattr("sys.argv", ["install", "--tcp", str(phone.address)])
        assert install.main() == 0
    assert capsys.readouterr().out.startswith(f"{apk.name} is on ")
    expected = app_properties()
    assert state.installed[expected.package].version_code == expected.version_code


def test_an_entrys_size_is_what_the_file_shrinks_by_without_it(tmp_path: Path) -> None:
    names = ("classes.dex", "assets/models/one.tflite", "lib/arm64-v8a/libone.so")
    sizes = []
    for kept in (names, names[:2]):
        target = tmp_path / f"{len(kept)}.apk"
        with zipfile.ZipFile(target, "w") as made:
            for name in kept:
                archive.add(made, name, name.encode() * 999, stored=not name.endswith(".dex"))
        sizes.append(target.stat().st_size)
    sizes_of = archive.entry_sizes(tmp_path / "3.apk")
    assert sizes[0] - sizes[1] == sizes_of[names[2]]
    assert sum(sizes_of.values()) + 22 == sizes[0]  # the end of the directory
