"""Export the recipes that have changed, then update the app's assets."""

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.formats.errors import BenchmarkError
from export.data.sources import obtain
from export.errors import ExportError, SourceError
from export.output.assets import update_assets
from export.output.fingerprint import fingerprint
from export.output.store import Store, locked
from export.recipe import Choices, Progress, Recipe
from metadata.errors import MetadataError
from metadata.runtimes import APP_RUNTIME, Runtime, load_runtime

REFUSALS = (ExportError, MetadataError, BenchmarkError)  # errors of a recipe, its data or its weights


def run(
    recipes: Mapping[str, Recipe],
    choices: Choices,
    out: Path,
    assets: Path,
    progress: Progress,
    *,
    force: bool = False,
    refused: Callable[[str, str], None] | None = None,
) -> Store:
    """Export what has changed into `out`, and copy its models that are meant for the app into `assets`.

    The first recipe that cannot be exported ends the run. Where `refused` is given, it is called with that recipe's
    name and the reason instead, and the run goes on. TensorFlow is imported only when there is something to export.
    """
    runtime = load_runtime(APP_RUNTIME)
    with locked(out, progress.say):
        store = Store(out)
        store.sweep()
        exported = 0
        for name, recipe in recipes.items():
            try:
                candidates = recipe.resolve(choices, progress) if recipe.resolve is not None else (recipe,)
                if not force and any(store.holds(name, fingerprint(candidate, choices)) for candidate in candidates):
                    continue
                progress.say(name)
                _export(_obtainable(candidates, choices, progress), choices, runtime, store, progress)
            except REFUSALS as error:
                if refused is None:
                    raise
                refused(name, str(error))
            exported += 1
        shipped = tuple(name for name, record in store.records.items() if record.shipped)
        copied = update_assets(store, shipped, assets)
        if not exported and not copied:
            progress.say("everything is up to date: recipes, data, weights and tools have not changed")
    return store


def _obtainable(candidates: tuple[Recipe, ...], choices: Choices, progress: Progress) -> Recipe:
    """The first candidate whose sources can be obtained, else the last one, whose export then says what is missing."""
    *better, last = candidates
    for candidate in better:
        try:
            for source in candidate.sources:
                obtain(source, choices.local_files.get(source.option or ""), progress.say)
        except SourceError as error:
            progress.say(f"{error}. Going on without it")
        else:
            return candidate
    return last


def _export(recipe: Recipe, choices: Choices, runtime: Runtime, store: Store, progress: Progress) -> None:
    from export.pipeline import export  # TensorFlow is imported from here on

    before = fingerprint(recipe, choices)
    with store.staging() as staged:
        record = (recipe.export or export)(recipe, choices, runtime, staged, progress)
        store.commit(recipe.name, before, staged, record)
