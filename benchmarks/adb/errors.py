"""What can go wrong between this machine and a phone. Every message says what, which phone, and what to do.

LinkError
├── NoPhoneError             nothing is attached, or not the phone that was named
├── SeveralPhonesError       more than one phone, and none was chosen
├── AdbServerError           the adb server cannot be reached, or refuses
├── PhoneUnavailableError    attached, but not to be talked to
│   ├── UnauthorisedError    the phone has not allowed this computer
│   ├── OfflineError         the phone does not answer
│   └── UsbAccessError       the operating system, or another program, keeps the USB device
├── LinkLostError            the connection ended in the middle of something
├── LinkTimeoutError         nothing came for too long
├── ProtocolError            bytes that are not adb's
├── ServiceRefusedError      the phone does not offer what was asked
├── FileError                a file on the phone
│   ├── DiskFullError        no space left, on the phone or here
│   ├── NotAllowedError      the phone's permissions forbid it
│   ├── NoSuchFileError      it is not there
│   └── MismatchError        what arrived is not what was sent
├── CommandFailedError       a command's exit code was not 0
├── InstallError             the phone refused an APK
├── RunAsError               the app's own folder cannot be reached
├── AppMissingError          the benchmark app is not installed
└── AppDiedError             the app crashed, or was killed
"""


class LinkError(Exception):
    """Base of this room's errors; `python -m benchmarks` prints it as one line and exits 2."""


class NoPhoneError(LinkError):
    """Nothing is attached, or not the phone that was named."""


class SeveralPhonesError(LinkError):
    """More than one phone is attached, and none was chosen."""


class AdbServerError(LinkError):
    """The adb server cannot be reached, or refuses in words the kit does not know."""


class PhoneUnavailableError(LinkError):
    """The phone is attached, but cannot be talked to."""


class UnauthorisedError(PhoneUnavailableError):
    """The phone has not allowed this computer to debug it."""


class OfflineError(PhoneUnavailableError):
    """The phone does not answer."""


class UsbAccessError(PhoneUnavailableError):
    """The operating system, or another program, keeps the USB device."""


class LinkLostError(LinkError):
    """The connection ended in the middle of something; the same call may succeed after a moment."""


class LinkTimeoutError(LinkError):
    """Nothing came for longer than the caller was willing to wait, or the whole took too long."""


class ProtocolError(LinkError):
    """Bytes arrived that adb does not send."""


class ServiceRefusedError(LinkError):
    """The phone does not offer the service that was asked for."""


class FileError(LinkError):
    """A file on the phone could not be read, written or listed."""


class DiskFullError(FileError):
    """No space is left, on the phone or on this machine."""


class NotAllowedError(FileError):
    """The phone's permissions forbid it."""


class NoSuchFileError(FileError):
    """The file or folder is not there."""


class MismatchError(FileError):
    """What arrived is not what was sent."""


class CommandFailedError(LinkError):
    """A command on the phone ended with an exit code other than 0."""


class InstallError(LinkError):
    """The phone refused to install an APK; `code` is Android's own word, such as INSTALL_FAILED_OLDER_SDK."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class RunAsError(LinkError):
    """The app's own folder cannot be reached with run-as."""


class AppMissingError(LinkError):
    """The benchmark app is not installed, or is one without its instrumentation."""


class AppDiedError(LinkError):
    """The app crashed or was killed while it ran."""
