"""The errors of this package. Every message says what is wrong, what was found, and what to do.

ApkError
├── MissingToolError  a program that packaging needs is missing or too old
├── StageError        a program that failed
└── CheckError        an APK that a phone would refuse, or that asks for too much
"""


class ApkError(Exception):
    """Base of this package's errors; `python -m android_app.desktop.apk` prints it as one line and exits 2."""


class MissingToolError(ApkError):
    """A program that packaging needs is missing or too old."""


class StageError(ApkError):
    """A program that failed."""


class CheckError(ApkError):
    """An APK that a phone would refuse, or that asks for too much."""
