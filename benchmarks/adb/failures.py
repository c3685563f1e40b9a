"""Turn messages of adb, pm and am into this kit's errors. Text in, errors out; no phone here.

The first row that matches counts, so the more specific rows come first. The phone's own message is kept at the end.
"""

import re
from dataclasses import dataclass

from benchmarks.adb import errors as e

UDEV = (
    "install the udev rules of your distribution (package android-sdk-platform-tools-common), join group plugdev, "
    "and plug it in again"
)
NOTHING_ATTACHED = (
    "no phone is attached; plug one in with USB debugging on, or choose DEVICE=virtual (on a Galaxy, Auto Blocker off)"
)
SECURITY_SETTINGS = (
    'switch on "USB debugging (Security settings)" (Xiaomi) or "Disable permission monitoring" (OPPO, realme, OnePlus) '
    "in its developer options, and plug it in again"
)
BUILD_FOR_LARGE_PAGES = "build the app with Gradle, which takes LiteRT 1.4.0, see android_app/README.md"
"""TensorFlow Lite 2.16.1, which `make apk` takes, is laid out for pages of 4 KB. The app itself says the same."""
INSTALL_CODE = r"\bINSTALL_(?:(?:PARSE_)?FAILED_[A-Z_]+|CANCELED_BY_USER)"
"""Android's own words for a refused install; permissions have names that begin alike."""
EXCEPTION = re.compile(r"Exception occurred while executing '.*':\s*")
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A message of a phone or of adb, as a regular expression, the error that it means, and what to do about it."""

    words: str
    error: type[e.AdbError]
    means: str
    remedy: str


# fmt: off
KNOWN_FAILURES = (
    KnownFailure(r"no devices/emulators found|no devices found", e.NoPhoneError,
                 "is not attached", "plug it in with USB debugging on, or choose DEVICE=virtual"),
    KnownFailure(r"device '.*' not found|device not found", e.NoPhoneError,
                 "is not attached", "plug it in, or name one that `python -m benchmarks devices` lists"),
    KnownFailure(r"more than one device", e.SeveralPhonesError,
                 "is one of several with this serial", "choose one by its USB port, as in --serial usb:1-2"),
    KnownFailure(r"failed to authenticate|still authorizing|device unauthorized|confirmation dialog"
                 r"|^unauthorized|^authorizing",
                 e.UnauthorisedError, "has not allowed this computer", "unlock it and accept the USB debugging dialog"),
    KnownFailure(r"device (still )?(offline|connecting)|^offline", e.OfflineError,
                 "does not answer", "unplug it and plug it in again, or switch USB debugging off and on"),
    KnownFailure(r"failed to connect to|[Cc]onnection refused|cannot connect to", e.OfflineError,
                 "does not accept a connection", "check the address, and that wireless debugging is on"),
    KnownFailure(r"no permissions|insufficient permissions", e.UsbAccessError, "is not open to this user", UDEV),
    KnownFailure(r"Can't find service: (package|activity)|Could not access the Package Manager", e.CommandFailedError,
                 "has not finished starting", "wait until it shows its home screen, and run again"),
    KnownFailure(r"INSTALL_GRANT_RUNTIME_PERMISSIONS", e.InstallError,
                 "does not let this computer grant permissions", SECURITY_SETTINGS),
    KnownFailure(r"INJECT_EVENTS", e.CommandFailedError,
                 "does not let this computer press keys", SECURITY_SETTINGS),
    KnownFailure(r"Shell does not have permission to access user", e.CommandFailedError,
                 "does not show this computer one of its users",
                 "switch to its main user; where that is in use, remove the Secure Folder or the work profile"),
    KnownFailure(r"INTERACT_ACROSS_USERS", e.CommandFailedError,
                 "does not let this computer act for the user in front", "switch to its main user"),
    KnownFailure(r"INSTALL_FAILED_INSUFFICIENT_STORAGE|not enough space", e.InstallError,
                 "has too little space for the app", "free some space on it"),
    KnownFailure(r"INSTALL_FAILED_NO_MATCHING_ABIS", e.InstallError,
                 "has a processor the APK was not built for",
                 "build the APK with the phone's ABI (see `python -m benchmarks devices`)"),
    KnownFailure(r"INSTALL_FAILED_UPDATE_INCOMPATIBLE|signatures do not match", e.InstallError,
                 "has the app with another signature", "uninstall it from the phone first; its data goes with it"),
    KnownFailure(r"INSTALL_FAILED_USER_RESTRICTED", e.InstallError,
                 "does not allow installs over USB",
                 'enable "Install via USB" in its developer options, and accept its dialog'),
    KnownFailure(r"INSTALL_FAILED_[A-Z_]*VERIFICATION", e.InstallError,
                 "did not let the app through its own check",
                 'switch off "Verify apps over USB" in its developer options, or allow the app in Play Protect; '
                 'on Xiaomi, enable "Install via USB"'),
    KnownFailure(r"INSTALL_FAILED_ABORTED|INSTALL_CANCELED_BY_USER", e.InstallError,
                 "declined the app, or its user did",
                 'unlock it, run again and accept its dialog; if none is shown, switch off "Verify apps over USB" in '
                 "its developer options"),
    KnownFailure(r"INSTALL_FAILED_INTERNAL_ERROR: Permission Denied", e.InstallError,
                 "does not let this computer install apps",
                 'on Xiaomi, enable "Install via USB" or switch off "MIUI optimization" in its developer options'),
    KnownFailure(r"INSTALL_FAILED_OLDER_SDK", e.InstallError,
                 "runs an Android older than the app needs", "choose a newer phone, or lower the app's minSdk"),
    KnownFailure(r"INSTALL_FAILED_VERSION_DOWNGRADE", e.InstallError,
                 "has a newer version of the app", "uninstall it from the phone first, or build a newer APK"),
    KnownFailure(r"INSTALL_FAILED_TEST_ONLY", e.InstallError,
                 "refuses a test-only APK",
                 "install it with -t, as this kit does, or build it outside Android Studio's Run"),
    KnownFailure(r"INSTALL_PARSE_FAILED_NO_CERTIFICATES", e.InstallError,
                 "refuses an unsigned APK", "sign it; a debug build is signed by itself"),
    KnownFailure(INSTALL_CODE, e.InstallError, "refused the APK", "see what it said"),
    KnownFailure(r"run-as: .*(not debuggable|unknown package|is unknown)", e.RunAsError,
                 "does not open the app's folder", "install the app's debug build with --install"),
    KnownFailure(r"^run-as: ", e.RunAsError,
                 "does not open the app's folder to this computer",
                 "update its system; until then results are taken from its shared storage"),
    KnownFailure(r"No space left on device", e.DiskFullError,
                 "is full", "free some space on it, or run `make phone-clean`"),
    KnownFailure(r"UnsatisfiedLinkError|dlopen failed", e.AppDiedError,
                 "cannot load the app's native libraries",
                 f"where its memory pages have 16 KB, {BUILD_FOR_LARGE_PAGES}"),
    KnownFailure(r"Permission denied|[Rr]ead-only file system|Operation not permitted", e.NotAllowedError,
                 "does not allow it", "use a folder below /data/local/tmp"),
    KnownFailure(r"No such file or directory", e.NoSuchFileError,
                 "does not have the file", "check the path, or push it again"),
    KnownFailure(r"LOW_MEMORY", e.AppDiedError,
                 "killed the app for memory", "close other apps, or run a smaller model"),
    KnownFailure(r"Native crash|APP CRASH\(NATIVE\)|CRASH NATIVE", e.AppDiedError,
                 "saw the app crash in native code", "see `adb logcat -b crash`; try without a delegate"),
    KnownFailure(r"System has crashed", e.AppDiedError,
                 "restarted its system during the run", "run again; nothing half-written is kept"),
    KnownFailure(r"reason=6 \(ANR\)", e.AppDiedError,
                 "ended the app because it did not react", "close other apps and run again"),
    KnownFailure(r"reason=9 \(EXCESSIVE", e.AppDiedError,
                 "ended the app because it used too much",
                 "exempt it from battery optimisation, keep the phone on its charger, and run again"),
    KnownFailure(r"reason=1[01] \(USER", e.AppDiedError,
                 "closed the app on its user's request", "leave the app in front, and run again"),
    KnownFailure(r"reason=2 \(SIGNALED\)", e.AppDiedError,
                 "killed the app with a signal",
                 "close other apps, exempt it from battery optimisation, and run again"),
    KnownFailure(r"\breason=\d+ \((?!APP CRASH|CRASH)", e.AppDiedError,
                 "ended the app", "see what it said, and run again"),
    KnownFailure(r"Process crashed|APP CRASH|reason=4 \(|shortMsg=[\w.$]+(Exception|Error)\b", e.AppDiedError,
                 "saw the app crash", "see `adb logcat -b crash`"),
    KnownFailure(r"INSTRUMENTATION_FAILED|Unable to find instrumentation", e.AppMissingError,
                 "does not have the benchmark app", "install it with --install"),
)
# fmt: on


def explain(message: str, phone: str | None, doing: str | None = None, said: str | None = None) -> e.AdbError | None:
    """The error that `message` means for `phone` (its serial); None when the table does not have it.

    `doing` is what was being done, such as "push model.tflite"; `said` is quoted in place of the line that matched.
    """
    for failure in KNOWN_FAILURES:
        match = re.search(failure.words, message, re.MULTILINE)
        if match is None:
            continue
        subject = "the phone" if phone is None else f"phone {phone}"
        action = "" if doing is None else f"{doing}: "
        quoted = said or line_of(message, match.start())
        line = f"{action}{subject} {failure.means}; {failure.remedy} (it said: {quoted})"
        if issubclass(failure.error, e.InstallError):
            code = re.search(INSTALL_CODE, message)
            return failure.error(line, None if code is None else code.group())
        return failure.error(line)
    return None


def line_of(text: str, position: int = 0) -> str:
    """The line of `text` at `position`, stripped: the kit's messages are one line, adb's may be several."""
    begin = text.rfind("\n", 0, position) + 1
    return text[begin:].split("\n", 1)[0].strip()


def reason_in(text: str) -> str:
    """The first line of what a phone said; of a Java exception its own message, which the line after has."""
    said = EXCEPTION.sub("", text, count=1).strip()
    return line_of(said)[:LONGEST_REASON]


def remedy_for(refusal: str) -> str | None:
    """What to change on a phone that refused a command in these words; None when the table does not have them."""
    refused = (one for one in KNOWN_FAILURES if one.error is e.CommandFailedError)
    return next((one.remedy for one in refused if re.search(one.words, refusal, re.MULTILINE)), None)
