"""The doctor: each finding has a case, says what to do, and decides the exit code."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.adb.address import Address
from benchmarks.adb.program import AdbProgram, find_adb
from benchmarks.adb.server import AdbServer
from benchmarks.formats.manifest import Manifest
from benchmarks.phones import checkup, installation
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.checkup import Check
from benchmarks.phones.readiness import check_export
from benchmarks.virtual_phone.state import App
from metadata.finding import Severity
from tests.benchmarks.conftest import Adb, Start, free_port
from tests.benchmarks.exports import RECIPE

LOCK = "numpy==2.1.3 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test goes to a network."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def ids(*checks: Check) -> list[str]:
    for check in checks:
        assert check.name
        assert check.fact
        assert all(finding.summary and finding.remedy for finding in check.findings)
    return [finding.id for check in checks for finding in check.findings]


def test_python_has_to_be_the_tested_one() -> None:
    assert ids(installation.check_python((3, 11, 9))) == []
    assert ids(installation.check_python((3, 12, 0))) == ["PYTHON-VERSION"]


def test_packages_have_to_be_as_locked_and_those_of_other_systems_may_be_missing() -> None:
    assert ids(installation.check_lock(LOCK, {"numpy": "2.1.3"})) == []
    assert ids(installation.check_lock(LOCK, {"numpy": "2.1.3", "colorama": "0.4.6"})) == []
    check = installation.check_lock(LOCK, {"numpy": "2.0.0", "colorama": "0.1"})
    assert ids(check) == ["LOCK-DRIFT"]
    assert "numpy 2.0.0 instead of 2.1.3, colorama 0.1 instead of 0.4.6" in check.findings[0].summary
    assert "numpy missing instead of 2.1.3" in installation.check_lock(LOCK, {}).findings[0].summary
    assert ids(installation.check_lock(None, {})) == ["NO-LOCK"]
    again = LOCK + "numpy==2.1.3 ; sys_platform == 'linux' \\\n"
    assert ids(installation.check_lock(again, {})) == ["LOCK-DRIFT"]


def test_this_environment_is_the_locked_one() -> None:
    checks = {check.name: check for check in (*installation.check_installation(), *checkup.check_computer())}
    assert ids(checks["platform"], checks["Python"], checks["packages"], checks["libusb"]) == []


def test_only_the_promised_platforms_are_ready_and_wsl_is_named() -> None:
    assert ids(installation.check_platform("Darwin", "arm64", "24.6.0")) == []
    wsl = installation.check_platform("Linux", "x86_64", "6.6.87.2-microsoft-standard-WSL2")
    assert (wsl.fact, ids(wsl)) == ("Linux x86_64, WSL", [])
    for other in (("Darwin", "x86_64"), ("Windows", "AMD64"), ("Linux", "armv7l")):
        assert ids(installation.check_platform(*other, "")) == ["PLATFORM"]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo certificates=a; echo uv=b; echo index=c", []),
        ("echo certificates=a; echo uv=b; echo 'setup: no answer (x; y); connect' >&2; exit 2", ["INDEX-UNREACHABLE"]),
        ("echo certificates=a; echo 'setup: fetching uv\nsetup: no uv (x; y); connect' >&2; exit 2", ["NO-UV"]),
        ("echo 'setup: no file (x; y); connect' >&2; exit 2", ["CERTIFICATES"]),
    ],
)
def test_what_set_up_lacks_is_a_warning_in_its_own_words(script: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "setup.sh").write_text(script)
    checks = list(installation.check_index(tmp_path))
    assert ids(*checks) == found
    assert [check.fact for check in checks if not check.findings] == ["a", "b", "c"][
        : script.count("echo") - len(found)
    ]
    for finding in (finding for check in checks for finding in check.findings):
        assert finding.severity is Severity.WARNING
        assert finding.summary.endswith(" (x; y)")
        assert finding.remedy == "connect"


@pytest.mark.parametrize(
    ("version", "summary"),
    [
        (None, "java is not on the path, and JAVA_HOME is not set"),
        ("1.8.0_392", "1.8.0_392"),
    ],
)
def test_a_java_that_cannot_build_the_app_is_named_with_a_remedy(
    version: str | None, summary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    if version is not None:
        java = tmp_path / "java"
        java.write_text(f"#!/bin/sh\necho '    java.home = {tmp_path}'\necho '    java.version = {version}'\n")
        java.chmod(0o755)
    checks = {check.name: check for check in checkup.check_computer()}
    (finding,) = checks["Java"].findings
    assert finding.id == "NO-JAVA"
    assert summary in finding.summary
    assert finding.remedy.startswith("for make apk, install a JDK 17 or newer")
    assert "Maven" not in checks


def test_a_low_disk_is_a_warning_and_a_full_one_an_error() -> None:
    found = [checkup.check_disk(size).worst for size in (10**10, 10**9, 10**8)]
    assert found == [None, Severity.WARNING, Severity.ERROR]


def test_udev_rules_are_looked_for_where_distributions_put_them(tmp_path: Path) -> None:
    assert ids(checkup.check_udev([tmp_path])) == ["NO-UDEV-RULES"]
    (tmp_path / "51-android.rules").touch()
    assert ids(checkup.check_udev([tmp_path / "none", tmp_path])) == []


def test_a_cache_that_is_a_file_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert ids(checkup.check_cache(tmp_path / "new" / "folder")) == []
    assert ids(checkup.check_cache(tmp_path / "file")) == ["CACHE-CLOSED"]


def test_an_adb_server_is_named_with_its_version(adb_on_path: Adb) -> None:
    check = checkup.check_server(adb_on_path.server, find_adb())
    assert ids(check) == []
    assert "version 41" in check.fact
    assert ids(checkup.check_server(AdbServer(Address("127.0.0.1", free_port())), None)) == ["NO-ADB-SERVER"]


def test_an_adb_that_would_end_the_running_server_is_a_warning(adb_on_path: Adb) -> None:
    old = AdbProgram("/old/adb", 39, None)
    assert ids(checkup.check_server(adb_on_path.server, old)) == ["ADB-VERSIONS"]
    assert checkup.check_adb(old).fact == "a release before 2018, server version 39, /old/adb"


def test_models_and_assets_are_checked_against_each_other(own_export: Path, tmp_path: Path) -> None:
    missing = list(check_export(tmp_path / "none", tmp_path))
    assert ids(*missing) == ["NO-EXPORT"]
    assert "run make export" not in missing[0].findings[0].summary, "the remedy says it already"
    assets = tmp_path / "assets"
    assert ids(*check_export(own_export, assets)) == ["NO-ASSETS"]
    file = Manifest.read(own_export).recipes[RECIPE].variants["int8"].file
    assets.mkdir()
    (assets / "tiny.tflite").write_bytes(file.path.read_bytes())
    entry = {"recipe": RECIPE, "variant": "int8", "path": "tiny.tflite", "screen": "gallery", "default": True}
    catalog = {"format": "handset.catalog/1", "models": [entry | {"sha256": file.sha256}]}
    (assets / "catalog.json").write_text(json.dumps(catalog))
    assert ids(*check_export(own_export, assets)) == []
    catalog["models"] = [entry | {"sha256": "0" * 64}]
    (assets / "catalog.json").write_text(json.dumps(catalog))
    assert ids(*check_export(own_export, assets)) == ["ASSETS-STALE"]
    file.path.write_bytes(b"")
    assert "MODELS-DAMAGED" in ids(*check_export(own_export, assets))


def test_the_command_checks_phones_and_its_exit_code_tells(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    ready = start(app=App(PACKAGE))
    assert main(["doctor", "--tcp", ready.address, "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks[f"phone {ready.address}"]["findings"] == []
    without = start(serial="virtual-2")
    assert main(["doctor", "--tcp", ready.address, "--tcp", without.address]) == 1
    said = capsys.readouterr().out
    assert f"error    phone {without.address}: Virtual phone, Android 14" in said
    assert "APP-MISSING: the benchmark app app.handset is not installed; run with --install" in said


def test_only_the_named_phones_are_checked(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    ready, without = start(app=App(PACKAGE)), start(serial="virtual-2")
    places = ["--tcp", ready.address, "--tcp", without.address]
    assert main(["doctor", *places, "--serial", ready.address]) == 0
    assert without.address not in capsys.readouterr().out
    assert main(["doctor", *places, "--serial", ready.address, "--serial", "R58"]) == 1
    assert "PHONE-UNUSABLE: phone R58 is not attached; plug it in" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--device", "--runner"])
def test_what_would_change_nothing_is_not_taken(option: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["doctor", option, "kotlin"])
    assert caught.value.code == 2


def test_a_phone_that_refuses_this_computer_is_an_error_with_a_remedy(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual = start()
    address = virtual.address
    virtual.close()
    assert main(["doctor", "--tcp", address]) == 1
    said = capsys.readouterr().out
    assert "PHONE-UNUSABLE" in said
    assert "check the address, and that wireless debugging is on" in said
