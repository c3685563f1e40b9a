"""Replace what says whose phone it is: serials, names, accounts, networks, numbers, installed apps. Text in, text out.

Two ways together: what the phone itself calls its name, its users, its network and its apps is replaced wherever it
stands, and whatever has the form of an address or a number is replaced, too.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

REPLACED = "<replaced>"
PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<account>"),
    (re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])"), "<address>"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "<address>"),
    (re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){4,7}(?![\w:])"), "<address>"),
    (re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![\w:])"), "<address>"),
    (re.compile(r"(?<![\w.+])\+\d[\d ()-]{6,18}\d(?!\w)"), "<number>"),
    (re.compile(r"(?<![\w.])\d{14,20}(?![\w.])"), "<number>"),
    (re.compile(r'(SSID: ?)"[^"\n]*"'), r'\1"<network>"'),
    (re.compile(r"(UserInfo\{\d+:).*?(?=:[0-9A-Fa-f]+\})"), r"\1<name>"),
    (re.compile(r'(\bUser ")[^"\n]*'), r"\1<name>"),
)
SYSTEM = r"(?!(?:android|java|javax|dalvik|libcore|com\.android|app\.handset)\b)"
NAME = r"[a-z]\w*(?:\.[A-Za-z_]\w*)"
ANY_APP = (re.compile(rf"(?<![\w./])(?:{SYSTEM}{NAME}+/[\w.$]+|{SYSTEM}{NAME}{{2,}})"), "<app>")
SHORTEST = 2
"""A shorter text is no name, and would be found everywhere."""
HARMLESS_PROPERTY = re.compile(
    r"ro\.(product|build|soc|hardware|board|boot\.hardware|boot\.qemu|kernel\.qemu|config\.low_ram|miui|mi\.os|oplus"
    r"|oxygen|rom|vivo|(system|vendor|odm)\.(build|product))\b.*|sys\.boot_completed"
)
"""Properties that say which kind of phone it is; of every other one only the name is kept."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a phone calls itself and what is on it: replaced wherever it stands."""

    serials: Iterable[str] = ()
    names: Iterable[str] = ()
    networks: Iterable[str] = ()
    apps: Iterable[str] | None = ()
    """None where the phone does not tell: then every name of a package is replaced, but for Android's own."""


def redactor(secrets: Secrets, kept: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that replaces `secrets` and everything of `PATTERNS`; a text in `kept`, such as a model, stays."""
    stays = {text.strip() for text in kept}
    words: dict[str, str] = {}
    for texts, word in ((secrets.serials, "<serial>"), (secrets.names, "<name>"), (secrets.networks, "<network>")):
        words |= {text: word for text in texts if len(text) >= SHORTEST and text not in stays}
    apps = {app: f"<app {number}>" for number, app in enumerate(sorted(set(secrets.apps or ())), start=1)}
    steps = [*_named(apps, r"(?:/[\w.$]+)?"), *_named(words, "")]
    if secrets.apps is None:
        steps.append(ANY_APP)

    def redact(text: str) -> str:
        for pattern, word in steps:
            text = pattern.sub(word, text)
        for pattern, word in PATTERNS:
            text = pattern.sub(word, text)
        return text

    return redact


def _named(words: Mapping[str, str], rest: str) -> list[tuple[re.Pattern[str], str]]:
    """Longest first, so that no part of one is left over; `rest` of a match goes too."""
    return [
        (re.compile(rf"(?<!\w){re.escape(text)}(?!\w){rest}", re.IGNORECASE), words[text])
        for text in sorted(words, key=len, reverse=True)
    ]


def redact_properties(properties: Mapping[str, str], redact: Callable[[str], str]) -> dict[str, str]:
    """The properties that say which kind of phone it is; of the others only their names."""
    return {
        name: redact(value) if HARMLESS_PROPERTY.fullmatch(name) and "serial" not in name else REPLACED
        for name, value in properties.items()
    }
