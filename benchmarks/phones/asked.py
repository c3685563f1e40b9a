"""The attached phones that can run a few jobs whose times nobody looks at: heat, battery and the like do not matter."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.phones.admission import Admission, admit_all, describe
from benchmarks.phones.choice import attached
from benchmarks.phones.preflight import OVERRIDABLE, Needs


@contextmanager
def asked_phones(
    options: argparse.Namespace, models: Sequence[tuple[ExportedRecipe, ExportedVariant]]
) -> Iterator[tuple[list[Admission], list[str]]]:
    """The phones of `phones.options.add_options` that can run these models, until the block ends.

    Also a line for each other phone.
    """
    needs = Needs(models, sum(variant.file.size_bytes for _, variant in models), None)
    with attached(options) as chosen:
        asked, silent = admit_all(chosen.found, needs, OVERRIDABLE, False, options.build.apk, lambda _: False)
        stopped = [describe(phone) for phone in asked if phone.stopping]
        yield [phone for phone in asked if not phone.stopping], [*map(str, chosen.unusable), *silent, *stopped]
