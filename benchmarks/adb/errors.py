"""What can go wrong between this computer and a phone. Every message says what, which phone, and what to do.

AdbError, which is a BenchmarkError
├── NoPhoneError, SeveralPhonesError, AdbServerError
├── PhoneUnavailableError
│   └── UnauthorisedError, OfflineError, UsbAccessError
├── ConnectionLostError, AdbTimeoutError, ProtocolError, ServiceRefusedError
├── FileError
│   └── DiskFullError, NotAllowedError, NoSuchFileError, MismatchError
└── CommandFailedError, InstallError, RunAsError, AppMissingError, AppDiedError
"""

from benchmarks.formats.errors import BenchmarkError


class AdbError(BenchmarkError):
    """Base of this package's errors."""


class NoPhoneError(AdbError):
    """Nothing is attached, or not the phone that was named."""


class SeveralPhonesError(AdbError):
    """More than one phone is attached, and none was chosen."""


class AdbServerError(AdbError):
    """The adb server cannot be reached, or refuses in words the kit does not know."""


class PhoneUnavailableError(AdbError):
    """The phone is attached, but cannot be talked to."""


class UnauthorisedError(PhoneUnavailableError):
    """The phone has not allowed this computer to debug it."""


class OfflineError(PhoneUnavailableError):
    """The phone does not answer."""


class UsbAccessError(PhoneUnavailableError):
    """The operating system, or another program, keeps the USB device."""


class ConnectionLostError(AdbError):
    """The connection ended in the middle of something; the same call may succeed after a moment."""


class AdbTimeoutError(AdbError):
    """Nothing came for longer than the caller was willing to wait, or the whole took too long."""


class ProtocolError(AdbError):
    """Bytes arrived that adb does not send."""


class ServiceRefusedError(AdbError):
    """The phone does not offer the service that was asked for."""


class FileError(AdbError):
    """A file on the phone could not be read, written or listed."""


class DiskFullError(FileError):
    """No space is left on the phone."""


class NotAllowedError(FileError):
    """The phone's permissions forbid it."""


class NoSuchFileError(FileError):
    """The file or folder is not there."""


class MismatchError(FileError):
    """What arrived is not what was sent."""


class CommandFailedError(AdbError):
    """A command on the phone ended with an exit code other than 0."""


class InstallError(AdbError):
    """The phone refused to install an APK; `code` is Android's own word, such as INSTALL_FAILED_OLDER_SDK."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class RunAsError(AdbError):
    """The app's own folder cannot be reached with run-as."""


class AppMissingError(AdbError):
    """The benchmark app is not installed, or is one without its instrumentation."""


class AppDiedError(AdbError):
    """The app crashed or was killed while it ran."""
