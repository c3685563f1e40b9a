"""Errors that stop an export. Each message says what is wrong, what was found, and what to do.

ExportError
├── RecipeError    a recipe or variant that does not exist, or does not do what it says
├── SourceError    data or weights that cannot be obtained, or are not the right ones
├── VariantError   a converted model that must not ship
│   └── CalibrationError  samples on which a layer of it gives what is no number
├── ParityError    a converted model that loses more than its recipe allows
└── OwnModelError  a model of the user's own that cannot be exported as it is
"""

import difflib


class ExportError(Exception):
    """Base of this package's errors; the command line prints it as one line and exits 2."""


class RecipeError(ExportError):
    """A recipe or variant that does not exist, or does not do what it says."""


class SourceError(ExportError):
    """Data or weights that cannot be obtained, or are not the right ones."""


class VariantError(ExportError):
    """A converted model that must not ship."""


class CalibrationError(VariantError):
    """Samples on which a layer gives NaN or infinite values: no calibrated variant can be made with them."""


class ParityError(ExportError):
    """A converted model that loses more than its recipe allows."""


class OwnModelError(ExportError):
    """A model of the user's own that cannot be exported as it is."""


def unknown(kind: str, name: str, known: tuple[str, ...]) -> str:
    """A message for a name that does not exist: the nearest one that does, and the whole list."""
    near = difflib.get_close_matches(name, known, n=1)
    suggestion = f"; did you mean {near[0]}?" if near else ";"
    return f"unknown {kind} {name!r}{suggestion} choose from: {', '.join(known)}"
