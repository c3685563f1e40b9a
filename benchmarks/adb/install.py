"""Install an APK: streamed into the package manager, or pushed first on phones before Android 7."""

from pathlib import Path

from benchmarks.adb.errors import ConnectionLostError, InstallError
from benchmarks.adb.failures import explain, line_of
from benchmarks.adb.shell import quote, run
from benchmarks.adb.stream import Conversation, Transport
from benchmarks.adb.sync import SyncSession

FLAGS = ("-r", "-t", "-g")
"""Replace, allow test-only, grant all run-time permissions."""
VERIFY_S = 120.0
"""How long a phone may take to check an APK; some show a dialog and wait for their user."""
BLOCK_BYTES = 1 << 20


def install(transport: Transport, apk: Path) -> None:
    """Install or update `apk`; InstallError with what to do when the phone refuses."""
    answer = _streamed(transport, apk) if "cmd" in transport.features else _pushed(transport, apk)
    if answer.startswith("Success"):
        return
    doing = f"install {apk.name}"
    if not answer.strip():
        raise ConnectionLostError(
            f"{doing}: phone {transport.serial} hung up before it answered; attach it and run it again"
        )
    raise explain(answer, transport.serial, doing) or InstallError(
        f"{doing}: phone {transport.serial} refused; see what it said: {line_of(answer.strip())}"
    )


def _streamed(transport: Transport, apk: Path) -> str:
    service = f"exec:{quote(['cmd', 'package', 'install', *FLAGS, '-S', str(apk.stat().st_size)])}"
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


def _pushed(transport: Transport, apk: Path) -> str:
    target = "/data/local/tmp/handset-install.apk"
    try:
        with SyncSession(transport, VERIFY_S) as session, apk.open("rb") as source:
            session.push(source, target, apk.stat().st_size, 0o644)
        result = run(transport, ["pm", "install", *FLAGS, target], idle_timeout_s=VERIFY_S)
    finally:
        run(transport, ["rm", "-f", target])
    return result.stdout + result.stderr
