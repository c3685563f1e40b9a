"""Strings of devices and files, made harmless for the place where they are shown. Text in, text out.

Two dangers: characters that are not seen or that reorder what is seen (controls, bidirectional marks, lone surrogates),
and characters that a syntax or a program takes for more than text. `visible` answers the first, the others both.
"""

import re
import unicodedata

LONGEST = 300
JOINERS = "\u200c\u200d"  # Persian, the scripts of India and emoji need them to be spelt rightly
NEVER_SEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
FORMULA_STARTS = tuple("=+-@＝＋－＠")
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")
# GitHub turns these into mentions, references and links after Markdown is parsed; an empty comment stops it.
AUTOLINK = re.compile(r"(@|#|:(?=//)|www(?=\.))", re.IGNORECASE)


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` on one line of at most `longest` characters; what cannot be seen stands as its code, ⟨U+202E⟩."""
    shown = text if text.isprintable() else "".join(_shown(character) for character in text[: longest + 1])
    return shown if len(text) <= longest else f"{shown[:longest]}…"


def _shown(character: str) -> str:
    if character in "\t\r\n":
        return " "
    if character in JOINERS:
        return character
    code = ord(character)
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    if is_noncharacter or unicodedata.category(character) in NEVER_SEEN:
        return f"⟨U+{code:04X}⟩"
    return character


def csv_cell(text: str) -> str:
    """`visible`, and with an apostrophe before what a spreadsheet would take for a formula."""
    shown = visible(text)
    is_formula = shown.lstrip().startswith(FORMULA_STARTS) or text[:1] in ("\t", "\r", "\n")
    return f"'{shown}" if is_formula else shown


def markdown(text: str) -> str:
    """`visible`, with nothing in it that Markdown or GitHub would take for a mark, a mention or a link."""
    return AUTOLINK.sub(r"\1<!-- -->", MARKDOWN.sub(r"\\\1", visible(text)))
