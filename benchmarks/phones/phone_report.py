"""What a phone answers to every question of the kit, as a persona that a virtual phone can take.

Nothing in it says whose phone it is: see `redaction`. It is plain text, so that its owner can look through it.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import asdict

from benchmarks.adb.facts import PROPERTIES, parse_properties
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.questions import ShellAnswer, ask
from benchmarks.adb.shell import as_app, of_user
from benchmarks.formats.atomic import atomic_write
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.redaction import Secrets, redact_properties, redactor
from benchmarks.phones.vitals import QUESTIONS, USER, parse_user, questions_of_app
from benchmarks.virtual_phone.persona import REPORT_MEMBER, Behaviour, Persona, PropertyGroup, Reply

SOURCE = "a phone report"
NAMES = (
    ("settings", "get", "global", "device_name"),
    ("settings", "get", "secure", "bluetooth_name"),
    ("settings", "get", "secure", "bluetooth_address"),
    ("settings", "get", "secure", "android_id"),
    ("settings", "get", "secure", "lock_screen_owner_info"),
)
USERS = ("pm", "list", "users")
THIRD_PARTY = re.compile(r"^package:(\S+)$", re.MULTILINE)
WIFI = ("cmd", "wifi", "status")
KEPT = ("ro.product.model", "ro.product.manufacturer", "ro.product.brand", "ro.product.device", "ro.product.name")


def read_report(phone: AdbPhone) -> Persona:
    """Ask a phone everything, and replace what says whose it is."""
    answers = dict(zip(QUESTIONS, ask(phone, QUESTIONS), strict=True))
    properties = parse_properties(answers[PROPERTIES].output)
    user = parse_user(answers[USER].output)
    more = (
        *questions_of_app(user),
        (*as_app(PACKAGE, user), "ls", "-a", "files"),
        ("dumpsys", "activity", "exit-info", PACKAGE),
        ("pidof", PACKAGE),
    )
    others = dict(zip(more, ask(phone, more), strict=True))
    redact = redactor(_secrets(phone, properties, user), [properties.get(name, "") for name in KEPT])
    model = redact(f"{properties.get('ro.product.manufacturer', 'unknown')} {properties.get('ro.product.model', '')}")
    replies = {question: answer for question, answer in answers.items() if question != PROPERTIES}
    return Persona(
        title=f"{model.strip()}, Android {properties.get('ro.build.version.release', 'unknown')}",
        properties=(PropertyGroup(values=redact_properties(properties, redact), source=SOURCE),),
        behaviour=Behaviour(current_user=user or 0, source=SOURCE),
        replies=tuple(_replies(replies, redact)),
        # The virtual phone answers these by itself, because they change while it is used.
        other_answers=tuple(_replies(others, redact)),
    )


def _secrets(phone: AdbPhone, properties: Mapping[str, str], user: int | None) -> Secrets:
    """Asked only to know what to replace; these answers are kept nowhere."""
    apps = ("pm", "list", "packages", "-3", *of_user(user))
    *names, users, wifi, listed = ask(phone, (*NAMES, USERS, WIFI, apps))
    network = re.findall(r'"([^"\n]+)"', wifi.output)
    return Secrets(
        serials=[
            phone.serial,
            phone.serial.rpartition(":")[0],
            *(value for name, value in properties.items() if re.search(r"serial(no|number)?$", name)),
        ],
        names=[
            *_and_without_colons(
                name.output.strip() for name in names if name.failure is None and name.output.strip() != "null"
            ),
            *re.findall(r"UserInfo\{\d+:(.+?):[0-9A-Fa-f]+\}", users.output),
            *(value for name, value in properties.items() if name.endswith(("hostname", "device_name"))),
        ],
        networks=network,
        apps=None if listed.failure else [name for name in THIRD_PARTY.findall(listed.output) if name != PACKAGE],
    )


def _and_without_colons(texts: Iterable[str]) -> Iterator[str]:
    """The same, and addresses as some services print them."""
    for text in texts:
        yield text
        yield text.replace(":", "")


def _replies(answers: Mapping[tuple[str, ...], ShellAnswer], redact: Callable[[str], str]) -> Iterator[Reply]:
    for question, answer in answers.items():
        command = re.sub(r"\\([ -])", r"\1", re.escape(" ".join(question)))  # those two need no escape
        yield Reply(command=command, stdout=redact(answer.output), exit_code=answer.exit_code, source=SOURCE)


def write_report(persona: Persona, target: Path) -> None:
    """Write it as a zip with one text file; StorageError when that is not possible."""
    with atomic_write(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(REPORT_MEMBER, to_toml(persona))


def to_toml(persona: Persona) -> str:
    """The text that `persona.read` takes."""
    lines = [f"title = {_text(persona.title)}"]
    for group in persona.properties:
        lines += ["", "[[properties]]", f"source = {_text(group.source)}", "[properties.values]"]
        lines += [f"{_text(name)} = {_text(value)}" for name, value in sorted(group.values.items())]
    behaviour = persona.behaviour
    lines += ["", "[behaviour]", f"source = {_text(behaviour.source)}", f"current_user = {behaviour.current_user}"]
    for table, replies in (("replies", persona.replies), ("other_answers", persona.other_answers)):
        for reply in replies:
            lines += ["", f"[[{table}]]"]
            lines += [f"{name} = {_value(value)}" for name, value in asdict(reply).items()]
    return "\n".join(lines) + "\n"


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    """A string of TOML, as it is where it can be."""
    if "\n" in text and "'''" not in text and re.fullmatch(r"[^\x00-\x08\x0b-\x1f\x7f]*", text):
        return f"'''\n{text}'''"
    if "\\" in text and text.isprintable() and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
