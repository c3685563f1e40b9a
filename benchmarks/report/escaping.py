"""Escapes strings of devices and files for the place where they are shown. Text in, text out.

`visible` replaces characters that are invisible or change the order of a text (controls, bidirectional marks, lone
surrogates). `csv_cell` and `markdown` also escape characters with a meaning in their syntax.
"""

import re
import unicodedata

LONGEST = 300
JOINERS = "\u200c\u200d"  # Persian, Indian scripts and emoji need them
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
FORMULA_STARTS = tuple("=+-@＝＋－＠")
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
# GitHub turns these into mentions, references and links after Markdown is parsed; an empty comment stops it.
AUTOLINK = re.compile(r"(@|#|:(?=//)|www(?=\.))", re.IGNORECASE)


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` on one line of at most `longest` characters; an invisible character is shown as its code, ⟨U+202E⟩."""
    shown = text if text.isprintable() else "".join(_shown(character) for character in text[: longest + 1])
    return shown if len(text) <= longest else f"{shown[:longest]}…"


def _shown(character: str) -> str:
    if character in "\t\r\n":
        return " "
    if character in JOINERS:
        return character
    code = ord(character)
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if is_noncharacter or unicodedata.category(character) in INVISIBLE:
        return f"⟨U+{code:04X}⟩"
    return character


def csv_cell(text: str) -> str:
    """`visible`, with an apostrophe before a text that a spreadsheet would run as a formula."""
    shown = visible(text)
    is_formula = shown.lstrip().startswith(FORMULA_STARTS) or text[:1] in ("\t", "\r", "\n")
    return f"'{shown}" if is_formula else shown


def markdown(text: str) -> str:
    """`visible`, with everything escaped that Markdown or GitHub would turn into markup, a mention or a link."""
    return AUTOLINK.sub(r"\1<!-- -->", MARKDOWN.sub(r"\\\1", visible(text)))
