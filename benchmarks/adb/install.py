"""Install an APK: streamed into the package manager, which needs Android 7 or newer.

No permission is granted: the benchmark needs none, and Xiaomi's, OPPO's and realme's phones refuse an install that
grants some.
"""

from pathlib import Path

from benchmarks.adb.errors import ConnectionLostError, InstallError
from benchmarks.adb.failures import explain, reason_in
from benchmarks.adb.shell import of_user, quote
from benchmarks.adb.stream import Conversation, Transport

FLAGS = ("-r", "-t")
"""Replace, allow test-only."""
VERIFY_S = 120.0
"""How long a phone may take to check an APK; some show a dialog and wait for their user."""
BLOCK_BYTES = 1 << 20


def install(transport: Transport, apk: Path, user: int | None = None) -> None:
    """Install or update `apk` for one of the phone's users, for all where it is None.

    InstallError with what to do when the phone refuses.
    """
    answer = _streamed(transport, apk, user)
    if answer.startswith("Success"):
        return
    doing = f"install {apk.name}"
    if not answer.strip():
        raise ConnectionLostError(
            f"{doing}: phone {transport.serial} hung up before it answered; attach it and run it again"
        )
    raise explain(answer, transport.serial, doing) or InstallError(
        f"{doing}: phone {transport.serial} refused; see what it said: {reason_in(answer)}"
    )


def _streamed(transport: Transport, apk: Path, user: int | None) -> str:
    service = f"exec:{quote(['cmd', 'package', 'install', *FLAGS, *of_user(user), '-S', str(apk.stat().st_size)])}"
    doing = f"phone {transport.serial}: install {apk.name}"
    with Conversation(transport.open(service), doing, VERIFY_S) as conversation, apk.open("rb") as source:
        try:
            while (block := source.read(BLOCK_BYTES)) and not conversation.pending():
                conversation.send(block)
        except ConnectionLostError:
            if not conversation.pending():  # a refusal comes before the phone stops reading
                raise
        answer = b""
        while data := conversation.some():
            answer += data
    return answer.decode(errors="replace")
