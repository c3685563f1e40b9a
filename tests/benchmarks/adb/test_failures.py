"""The words that adb, pm and am use, verbatim, and what they become."""

import re

import pytest

from benchmarks.adb import errors as e
from benchmarks.adb.failures import KNOWN_FAILURES, explain, reason_in

VERBATIM = (
    ("error: no devices/emulators found", e.NoPhoneError, "plug it in"),
    ("device 'R58' not found", e.NoPhoneError, "plug it in"),
    ("more than one device/emulator", e.SeveralPhonesError, "--serial usb:1-2"),
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
    (  # rom1v/sndcpy#151: a permission's name is no error code
        "\nException occurred while executing 'install':\njava.lang.SecurityException: You need the "
        "android.permission.INSTALL_GRANT_RUNTIME_PERMISSIONS permission to use the "
        "PackageManager.INSTALL_GRANT_RUNTIME_PERMISSIONS flag\n\tat com.android.server.pm",
        e.InstallError,
        "USB debugging (Security settings)",
    ),
    (  # appium/appium#17126
        "Security exception: You need the android.permission.INSTALL_GRANT_RUNTIME_PERMISSIONS permission",
        e.InstallError,
        "USB debugging (Security settings)",
    ),
    (  # Genymobile/scrcpy#1865
        "java.lang.SecurityException: Injecting to another application requires INJECT_EVENTS permission",
        e.CommandFailedError,
        "USB debugging (Security settings)",
    ),
    (  # mozilla/web-ext#2904
        "java.lang.SecurityException: Shell does not have permission to access user 150",
        e.CommandFailedError,
        "switch to its main user",
    ),
    (  # openatx/uiautomator2#427
        "java.lang.SecurityException: Permission Denial: startInstrumentation asks to run as user -2 but is calling "
        "from user 0; this requires android.permission.INTERACT_ACROSS_USERS_FULL",
        e.CommandFailedError,
        "switch to its main user",
    ),
    (  # joaomgcd/TaskerSettings#80
        "Failure [INSTALL_FAILED_VERIFICATION_FAILURE: Install not allowed for file:///data/app/vmdl1.tmp]",
        e.InstallError,
        "Verify apps over USB",
    ),
    (  # thundersdata-frontend/rn-template#36
        "Failure [INSTALL_FAILED_ABORTED: User rejected permissions]",
        e.InstallError,
        "accept its dialog",
    ),
    (
        "\nException occurred while executing 'install':\nandroid.os.ParcelableException: java.io.IOException: "
        "Requested internal only, but not enough space\n",
        e.InstallError,
        "free some space",
    ),
    (  # facebook/flipper#92
        "run-as: Could not set capabilities: Operation not permitted",
        e.RunAsError,
        "shared storage",
    ),
    ("run-as: couldn't stat /data/user/0/app.handset: Permission denied", e.RunAsError, "shared storage"),
    ("run-as: couldn't stat /data/user/0/app.handset: No such file or directory", e.RunAsError, "shared storage"),
    (  # google-ai-edge/LiteRT#43
        'java.lang.UnsatisfiedLinkError: dlopen failed: "/lib.so" program alignment (4096) cannot be smaller than '
        "system page size (16384)",
        e.AppDiedError,
        "LiteRT",
    ),
    (  # a fixture of google/device-infra
        "INSTRUMENTATION_RESULT: shortMsg=java.lang.RuntimeException\n"
        "INSTRUMENTATION_RESULT: longMsg=java.lang.RuntimeException: No content..\nINSTRUMENTATION_CODE: 0",
        e.AppDiedError,
        "logcat -b crash",
    ),
    ("process=a reason=2 (SIGNALED) subreason=0 (UNKNOWN) status=9\npss=0,00", e.AppDiedError, "battery optimisation"),
    ("process=a reason=6 (ANR) subreason=0 (UNKNOWN) status=0\npss=0,00", e.AppDiedError, "close other apps"),
    ("process=a reason=9 (EXCESSIVE RESOURCE USAGE) subreason=7", e.AppDiedError, "battery optimisation"),
    ("process=a reason=10 (USER REQUESTED) subreason=21 (FORCE STOP)", e.AppDiedError, "leave the app in front"),
    ("process=a reason=11 (USER STOPPED) subreason=0", e.AppDiedError, "leave the app in front"),
    (  # solrudev/Ackpine#101
        "Failure [INSTALL_FAILED_INTERNAL_ERROR: Permission Denied]",
        e.InstallError,
        "MIUI optimization",
    ),
    ("Failure [INSTALL_CANCELED_BY_USER]", e.InstallError, "accept its dialog"),
    ("Failure [INSTALL_FAILED_VERIFICATION_TIMEOUT]", e.InstallError, "Verify apps over USB"),
    ("cmd: Can't find service: package", e.CommandFailedError, "home screen"),
    ("Error: Could not access the Package Manager.  Is the system running?", e.CommandFailedError, "home screen"),
    ("run-as: Package 'org.example.app' is not debuggable", e.RunAsError, "--install"),
    ("run-as: package has corrupt installation: app.handset", e.RunAsError, "shared storage"),
    ("process=a reason=13 (OTHER KILLS BY SYSTEM) subreason=0", e.AppDiedError, "see what it said"),
    ("process=a reason=14 (FREEZER) subreason=0", e.AppDiedError, "see what it said"),
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


def test_a_permission_is_no_code_of_an_install() -> None:
    refused = (
        "java.lang.SecurityException: You need the android.permission.INSTALL_GRANT_RUNTIME_PERMISSIONS permission"
    )
    error = explain(refused, "R58", "install app.apk")
    assert isinstance(error, e.InstallError)
    assert error.code is None


def test_the_reason_of_a_java_exception_is_its_own_message_and_not_the_line_before() -> None:
    text = "\nException occurred while executing 'install':\njava.lang.IllegalStateException: no such session\n\tat x"
    assert reason_in(text) == "java.lang.IllegalStateException: no such session"
    assert reason_in("\nError: failed\nmore") == "Error: failed"
    assert reason_in("") == ""


def test_words_the_kit_does_not_know_are_not_explained_away() -> None:
    assert explain("something else entirely", "R58") is None
