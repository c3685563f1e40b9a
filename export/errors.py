"""What can stop an export. Every message says what, what was got, and what to do.

ExportError
├── RecipeError    a recipe or variant that does not exist, or does not do what it says
├── SourceError    data or weights that could not be had, or are not what they should be
├── VariantError   a converted model that must not ship
├── ParityError    a converted model that loses more than its recipe allows
├── OwnModelError  a model of the user's own that cannot be exported as it is
└── ClassifyError  pictures, a model or a question that cannot be brought together
"""

import difflib


class ExportError(Exception):
    """Base of this package's errors; the command line prints it as one line and exits 2."""


class RecipeError(ExportError):
    """A recipe or variant that does not exist, or does not do what it says."""


class SourceError(ExportError):
    """Data or weights that could not be had, or are not what they should be."""


class VariantError(ExportError):
    """A converted model that must not ship."""


class ParityError(ExportError):
    """A converted model that loses more than its recipe allows."""


class OwnModelError(ExportError):
    """A model of the user's own that cannot be exported as it is."""


class ClassifyError(ExportError):
    """Pictures, a model or a question that cannot be brought together."""


def unknown(kind: str, name: str, known: tuple[str, ...]) -> str:
    """One line for a name that does not exist: the nearest that does, and the whole list."""
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"; did you mean {near[0]}?" if near else ";"
    return f"unknown {kind} {name!r}{guess} choose from: {', '.join(known)}"
