"""What can go wrong in this room. Every message says what, what was got, and what to do.

ApkError
├── MissingToolError  a program that packaging needs is not on this machine
├── StageError        a program that ran and refused
└── CheckError        an APK that a phone, or its user, should not get
"""


class ApkError(Exception):
    """Base of this package's errors; `python -m android_app.desktop.apk` prints it as one line and exits 2."""


class MissingToolError(ApkError):
    """A program that packaging needs is not on this machine."""


class StageError(ApkError):
    """A program that ran and refused."""


class CheckError(ApkError):
    """An APK that a phone, or its user, should not get."""
