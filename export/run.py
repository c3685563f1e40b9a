"""Exporting some recipes: each one that has changed, then the app's assets in step with all there is."""

from collections.abc import Mapping
from pathlib import Path

from export.assets import ship
from export.fingerprint import fingerprint
from export.recipe import Choices, Progress, Recipe
from export.store import Store, locked
from metadata.runtimes import APP_RUNTIME, load_runtime


def run(
    recipes: Mapping[str, Recipe], choices: Choices, out: Path, assets: Path, progress: Progress, *, force: bool = False
) -> Store:
    """Export what has changed below `out`, and ship every model below it that is meant for the app.

    TensorFlow is imported only when there is something to do.
    """
    runtime = load_runtime(APP_RUNTIME)
    with locked(out, progress.say):
        store = Store(out)
        store.sweep()
        fresh = 0
        for name, recipe in recipes.items():
            made_from = fingerprint(recipe, choices)
            if not force and store.holds(name, made_from):
                continue
            from export.pipeline import export  # TensorFlow is imported from here on

            progress.say(name)
            with store.staging() as staged:
                record = (recipe.export or export)(recipe, choices, runtime, staged, progress)
                store.commit(name, made_from, staged, record)
            fresh += 1
        shipped = tuple(name for name, record in store.records.items() if record["shipped"])
        moved = ship(store, shipped, assets)
        if not fresh and not moved:
            progress.say("everything is up to date: recipes, data, weights and tools have not changed")
    return store
