"""Exporting some recipes: each one that has changed, then the app's assets in step with all there is."""

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.formats.errors import BenchmarkError
from export.data.sources import obtain
from export.errors import ExportError, SourceError
from export.output.assets import ship
from export.output.fingerprint import fingerprint
from export.output.store import Store, locked
from export.recipe import Choices, Progress, Recipe
from metadata.errors import MetadataError
from metadata.runtimes import APP_RUNTIME, Runtime, load_runtime

REFUSALS = (ExportError, MetadataError, BenchmarkError)  # what a recipe, its data or its weights can be refused with


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
    """Export what has changed below `out`, and ship every model below it that is meant for the app.

    The first recipe that cannot be exported ends it; but where `refused` is given, that is told its name and why, and
    the others are exported. TensorFlow is imported only when there is something to do.
    """
    runtime = load_runtime(APP_RUNTIME)
    with locked(out, progress.say):
        store = Store(out)
        store.sweep()
        fresh = 0
        for name, recipe in recipes.items():
            try:
                ways = recipe.resolve(choices, progress) if recipe.resolve is not None else (recipe,)
                if not force and any(store.holds(name, fingerprint(way, choices)) for way in ways):
                    continue
                progress.say(name)
                _export(_obtainable(ways, choices, progress), choices, runtime, store, progress)
            except REFUSALS as error:
                if refused is None:
                    raise
                refused(name, str(error))
            fresh += 1
        shipped = tuple(name for name, record in store.records.items() if record["shipped"])
        moved = ship(store, shipped, assets)
        if not fresh and not moved:
            progress.say("everything is up to date: recipes, data, weights and tools have not changed")
    return store


def _obtainable(ways: tuple[Recipe, ...], choices: Choices, progress: Progress) -> Recipe:
    """The first whose sources can be had; the last is left to say itself what it lacks."""
    *better, last = ways
    for way in better:
        try:
            for source in way.sources:
                obtain(source, choices.local_files.get(source.option or ""), progress.say)
        except SourceError as error:
            progress.say(f"{error}. Going on without it")
        else:
            return way
    return last


def _export(recipe: Recipe, choices: Choices, runtime: Runtime, store: Store, progress: Progress) -> None:
    from export.pipeline import export  # TensorFlow is imported from here on

    made_from = fingerprint(recipe, choices)
    with store.staging() as staged:
        record = (recipe.export or export)(recipe, choices, runtime, staged, progress)
        store.commit(recipe.name, made_from, staged, record)
