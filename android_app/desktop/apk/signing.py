"""The debug signature: one key per user and machine, made when it is first needed, never part of the repository."""

from pathlib import Path

from android_app.desktop.apk.classes import LIBRARY
from android_app.desktop.apk.errors import StageError
from android_app.desktop.apk.project import BUILD
from android_app.desktop.apk.tools import run
from benchmarks.runners.java import find_jdk

KEYS = Path.home() / ".android" / "debug.keystore"
"""Android Studio uses the same file, so that an APK of either build updates one of the other."""


def key() -> Path:
    """The user's debug key store; made where it is missing, with the names and passwords that Android tools expect."""
    if not KEYS.exists():
        KEYS.parent.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [
            find_jdk().home / "bin" / "keytool",
            "-genkeypair",
            "-keystore",
            KEYS,
            "-storetype",
            "PKCS12",
            "-alias",
            "androiddebugkey",
        ]
        command += ["-storepass", "android", "-keypass", "android", "-keyalg", "RSA", "-keysize", "2048"]
        command += ["-validity", "10950", "-dname", "CN=Android Debug,O=Android,C=US"]
        run("making a debug key", command)
        KEYS.chmod(0o600)
    return KEYS


def sign(unsigned: Path) -> tuple[Path, str]:
    """The APK, signed with schemes 1, 2 and 3 and verified, and the schemes that were found."""
    signed = BUILD / "signed.apk"
    signed.unlink(missing_ok=True)
    source = Path(__file__).with_name("Sign.java")
    schemes = run("signing", [find_jdk().java, "-cp", LIBRARY / "apksig.jar", source, key(), unsigned, signed]).strip()
    if schemes != "v1 v2 v3":
        raise StageError(f"the APK verifies with {schemes or 'no scheme'}, not with v1 v2 v3; see {source.name}")
    return signed, schemes
