"""The host's side of adb's greeting: CNXN, and AUTH with this computer's key where the phone asks for it."""

import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.adb.errors import OfflineError, ProtocolError, UnauthorisedError
from benchmarks.adb.keys import Signer, public_line
from benchmarks.adb.packet import MAX_PAYLOAD_BYTES, UNCHECKED_VERSION, Auth, Command, Packet, PacketStream

FEATURES = ("shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "abb_exec")
GREETINGS = (Command.CNXN, Command.AUTH, Command.STLS)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a phone says of itself when a connection begins."""

    max_payload_bytes: int
    features: frozenset[str]


def greet(packets: PacketStream, phone: str, keys: Sequence[Signer], answer_s: float, consent_s: float) -> Greeting:
    """Greet the phone, and return its greeting.

    `answer_s` is how long the phone may take to answer, `consent_s` how long its user may take to accept a key that
    the phone has not seen. Errors: OfflineError, UnauthorisedError, ProtocolError, ConnectionLostError.
    """
    banner = f"host::features={','.join(FEATURES)}".encode()
    packets.carrier.wait_at_most(answer_s)
    try:
        packets.write(Packet(Command.CNXN, UNCHECKED_VERSION, MAX_PAYLOAD_BYTES, banner + b"\0"))
        while (answer := packets.read()).command not in GREETINGS:
            pass  # left over in the USB device from another program
        if answer.command is Command.AUTH:
            answer = _authenticate(packets, phone, keys, answer, consent_s)
        packets.carrier.wait_at_most(None)
    except TimeoutError as error:
        raise OfflineError(
            f"phone {phone} does not answer; unplug it and plug it in again, or switch USB debugging off and on"
        ) from error
    if answer.command is Command.STLS:
        raise ProtocolError(f"phone {phone} wants an encrypted connection; use `adb pair` and `adb connect` for it")
    if answer.command is not Command.CNXN:
        raise ProtocolError(f"phone {phone} greets with {answer.command.name} instead of CNXN; is this port adb's?")
    packets.checked = answer.arg0 < UNCHECKED_VERSION
    return _greeting(answer)


def _authenticate(
    packets: PacketStream, phone: str, keys: Sequence[Signer], answer: Packet, consent_s: float
) -> Packet:
    for key in keys:
        if answer.command is not Command.AUTH:
            return answer
        packets.write(Packet(Command.AUTH, Auth.SIGNATURE, 0, key.Sign(bytes(answer.payload))))
        answer = packets.read()
    if answer.command is not Command.AUTH or not keys:
        return answer
    packets.write(Packet(Command.AUTH, Auth.PUBLIC_KEY, 0, public_line(keys[0]).encode() + b"\0"))
    packets.carrier.wait_at_most(consent_s)
    with contextlib.suppress(TimeoutError):
        while (answer := packets.read()).command is Command.AUTH:
            pass  # the phone may repeat itself while its dialog is open
        return answer
    raise UnauthorisedError(
        f"phone {phone} has not allowed this computer ({socket.gethostname()}); "
        "unlock it, accept the USB debugging dialog, and run it again"
    )


def _greeting(packet: Packet) -> Greeting:
    text = bytes(packet.payload).rstrip(b"\0").decode(errors="replace")
    properties = dict(field.split("=", 1) for field in text.partition("::")[2].split(";") if "=" in field)
    features = frozenset(properties.get("features", "").split(",")) - {""}
    return Greeting(min(packet.arg1, MAX_PAYLOAD_BYTES) or MAX_PAYLOAD_BYTES, features)
