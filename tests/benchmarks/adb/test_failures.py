"""The words that adb, pm and am use, verbatim, and what they become."""

import re

import pytest

from benchmarks.adb import errors as e
from benchmarks.adb.failures import KNOWN_FAILURES, explain

VERBATIM = (
    ("error: no devices/emulators found", e.NoPhoneError, "plug it in"),
    ("device 'R58' not found", e.NoPhoneError, "plug it in"),
    ("more than one device/emulator", e.SeveralPhonesError, "--serial"),
    (
        "device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\n"
        "Try 'adb kill-server' if that seems wrong.\n"
        "Otherwise check for a confirmation dialog on your device.",
        e.UnauthorisedError,
        "accept the USB debugging dialog",
    ),
    ("device still authorizing", e.UnauthorisedError, "accept the USB debugging dialog"),
    ("failed to authenticate to 192.168.1.5:5555", e.UnauthorisedError, "accept the USB debugging dialog"),
    ("device offline", e.OfflineError, "unplug it"),
    ("failed to connect to '192.168.1.5:5555': Connection refused", e.OfflineError, "check the address"),
    ("no permissions (missing udev rules? user is in the plugdev group)", e.UsbAccessError, "udev rules"),
    ("remote write failed: No space left on device", e.DiskFullError, "free some space"),
    ("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]", e.InstallError, "free some space"),
    ("remote couldn't create file: Permission denied", e.NotAllowedError, "/data/local/tmp"),
    ("failed to stat remote object 'X': No such file or directory", e.NoSuchFileError, "check the path"),
    ("Failure [INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract]", e.InstallError, "phone's ABI"),
    (
        "Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: Existing package X signatures do not match newer version]",
        e.InstallError,
        "uninstall it",
    ),
    ("Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]", e.InstallError, "Install via USB"),
    ("Failure [INSTALL_FAILED_OLDER_SDK]", e.InstallError, "newer phone"),
    ("Failure [INSTALL_FAILED_VERSION_DOWNGRADE]", e.InstallError, "uninstall it"),
    ("Failure [INSTALL_FAILED_TEST_ONLY]", e.InstallError, "-t"),
    ("Failure [INSTALL_PARSE_FAILED_NO_CERTIFICATES]", e.InstallError, "sign it"),
    ("Failure [INSTALL_FAILED_SOMETHING_NEW: who knows]", e.InstallError, "see what it said"),
    ("run-as: package not debuggable: org.example.app", e.RunAsError, "--install"),
    ("run-as: unknown package: org.example.app", e.RunAsError, "--install"),
    ("INSTRUMENTATION_RESULT: shortMsg=Process crashed.\nINSTRUMENTATION_CODE: 0", e.AppDiedError, "logcat -b crash"),
    ("INSTRUMENTATION_RESULT: shortMsg=Native crash\n", e.AppDiedError, "without a delegate"),
    ("INSTRUMENTATION_ABORTED: System has crashed.", e.AppDiedError, "run again"),
    ("process=org.example.app reason=3 (LOW_MEMORY) subreason=0", e.AppDiedError, "close other apps"),
    ("process=org.example.app reason=5 (APP CRASH(NATIVE)) subreason=0", e.AppDiedError, "without a delegate"),
    ("process=org.example.app reason=4 (APP CRASH(EXCEPTION)) subreason=0", e.AppDiedError, "logcat -b crash"),
    ("android.util.AndroidException: INSTRUMENTATION_FAILED: pkg/cls", e.AppMissingError, "--install"),
    ("Error=Unable to find instrumentation info for: ComponentInfo{pkg/cls}", e.AppMissingError, "--install"),
)


@pytest.mark.parametrize(("said", "error", "remedy"), VERBATIM, ids=lambda value: str(value)[:40])
def test_what_a_phone_says_becomes_one_line_with_a_remedy(said: str, error: type[e.AdbError], remedy: str) -> None:
    found = explain(said, "R58")
    assert type(found) is error
    line = str(found)
    assert line.startswith("phone R58 ")
    assert remedy in line.partition("(it said:")[0]
    assert "\n" not in line


def test_every_row_of_the_table_is_one_that_something_says() -> None:
    said_by = {
        failure.words: [said for said, *_ in VERBATIM if re.search(failure.words, said)] for failure in KNOWN_FAILURES
    }
    assert [words for words, said in said_by.items() if not said] == []


def test_an_install_error_keeps_androids_own_code() -> None:
    error = explain("Failure [INSTALL_FAILED_OLDER_SDK: Requires newer]", "R58", "install app.apk")
    assert isinstance(error, e.InstallError)
    assert error.code == "INSTALL_FAILED_OLDER_SDK"
    assert str(error).startswith("install app.apk: phone R58 ")


def test_words_the_kit_does_not_know_are_not_explained_away() -> None:
    assert explain("something else entirely", "R58") is None
