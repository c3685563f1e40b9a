"""`python -m benchmarks run`: every exported model on every attached phone, and its numbers beside the desktop's."""

import argparse
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.commands.after_run import ComparisonOptions, after_run, exit_code, show
from benchmarks.commands.compare import add_gate_options
from benchmarks.console.arguments import count
from benchmarks.console.places import Build, add_build_option
from benchmarks.console.terminal import quiet
from benchmarks.formats.errors import RunError
from benchmarks.formats.fit import ITEM_BYTES
from benchmarks.formats.job import Schedule
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.result import TensorType
from benchmarks.formats.run_folder import Record, RunFolder, find, unfinished
from benchmarks.phones import choice as phones
from benchmarks.phones import preflight
from benchmarks.phones.admission import Admission, admit_all, describe
from benchmarks.phones.preflight import Needs
from benchmarks.runners.choice import RunnerName
from benchmarks.runs import selection, sustain
from benchmarks.runs.campaign import Campaign
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import Settings
from benchmarks.runs.plan import ROUNDS, USUAL, PlannedJob, plan
from benchmarks.runs.run_spec import RunSpec
from metadata.hashes import sha256_of

VIRTUAL_SCHEDULE = Schedule(warmup_runs=1, warmup_min_s=0, num_runs=10, min_s=0, max_s=150)
"""A virtual phone's latency is shown to nobody: enough to see that the job works."""
EXAMPLES = f"""examples:
  python -m benchmarks run                                  every model on every phone that is attached
  python -m benchmarks run --device virtual                 the whole way without a phone
  python -m benchmarks run --models digits_cnn --variants fp32,int8 --serial R5CT10
  python -m benchmarks run --accelerator gpu --rounds 40
  python -m benchmarks run --sustain 600 --models digits_cnn --variants int8
  python -m benchmarks run --allow LOW-BATTERY              measure all the same; the run remembers

A run that was interrupted is finished by the same command; --fresh begins anew. What stops a phone and can be allowed:
{", ".join(preflight.OVERRIDABLE)}.
Exit code 0: everything measured, every gate kept. 1: a gate is not kept. 2: something could not be measured, and
which. 130: Ctrl-C.
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "run",
        help="run every exported model on every attached phone",
        description="Push the exported models to phones, run them there on the evaluation set, and show the numbers.",
        epilog=EXAMPLES,
    )
    phones.add_options(parser)
    add = parser.add_argument
    selection.add_options(parser)
    add("--rounds", type=_rounds, metavar="N", help=f"of latency (default: {ROUNDS}, virtual 1, emulated 0)")
    add(
        "--num-runs",
        "--num_runs",
        type=count,
        metavar="N",
        help=f"timed runs a round at least (default: {USUAL.num_runs})",
    )
    add(
        "--min-secs",
        "--min_secs",
        type=float,
        metavar="S",
        help=f"timed seconds a round at least (default: {USUAL.min_s})",
    )
    add(
        "--sustain",
        type=sustain.seconds,
        metavar="S",
        help="instead, have each variant at work for S seconds without a rest, and find where the phone throttles",
    )
    add("--fed", action="store_true", help="bring home what the phone feeds its models too, for explain; with --limit")
    add("--install", action="store_true", help="install or update the benchmark app where it has to be")
    add("--apk", type=Path, metavar="FILE", help="the app to install (default: build/handset-debug.apk)")
    add("--allow", action="append", default=[], metavar="ID", choices=preflight.OVERRIDABLE,
        help="measure in spite of this finding; repeatable")  # fmt: skip
    add("--resume", metavar="RUN", help="go on with this run, begun by the same command")
    add("--fresh", action="store_true", help="begin a new run though one is unfinished")
    add_gate_options(parser)
    add("--json", action="store_true", help="print the comparison as JSON")
    add_build_option(parser)
    kept = "; what is finished is kept, and the same command goes on from there"
    parser.set_defaults(run=run, after_interrupt=kept)


def run(options: argparse.Namespace) -> int:
    """Measure, compare, judge and show; 1 when a gate fails, 2 when a result is missing, else 0."""
    recipes, variants = selection.selected(options)
    wish = _wish(options, recipes, variants)
    apk = options.apk or options.build.apk
    with phones.attached(options, bare=options.install) as chosen:
        needs = _needs(recipes, variants, apk)
        asked, silent = admit_all(chosen.found, needs, options.allow, options.install, apk, _ask)
        for line in (*chosen.unusable, *silent, *(describe(one) for one in asked if one.stopping)):
            print(line, file=sys.stderr)
        admitted = [one for one in asked if not one.stopping]
        if not admitted:
            return 2
        folder = _folder(options, wish.to_json())
        campaign = Campaign(folder, recipes, variants, wish.settings, options.limit)
        for one in asked:
            if one.stopping:
                campaign.refuse(one)
        steps = (
            plan(variants, wish.rounds, wish.seed) if options.sustain is None else sustain.plan(variants, wish.rounds)
        )
        _measure(campaign, admitted, steps, options.build)
    folder.finish(not chosen.unusable and not silent)
    wanted = ComparisonOptions(
        options.build, options.gates, strict=options.strict, as_json=options.json, explain=options.explain
    )
    comparison = after_run([folder], wanted).comparison
    show(comparison, wanted, folder.path)
    return exit_code(comparison, wanted)


def _ask(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _needs(recipes: Mapping[str, ExportedRecipe], variants: Sequence[ExportedVariant], apk: Path) -> Needs:
    tensors = (math.prod(one.input.shape) * ITEM_BYTES[TensorType(one.input.dtype)] for one in variants)
    counts = (recipes[one.recipe].input_count for one in variants)
    archives = [size * count for size, count in zip(tensors, counts, strict=True)]
    archives += [recipe.inputs.size_bytes for recipe in recipes.values()]
    pushed_bytes = sum(one.file.size_bytes for one in variants) + max(archives)  # one archive at a time
    pairs = [(recipes[one.recipe], one) for one in variants]
    return Needs(pairs, pushed_bytes, sha256_of(apk) if apk.is_file() else None)


def _wish(
    options: argparse.Namespace, recipes: Mapping[str, ExportedRecipe], variants: Sequence[ExportedVariant]
) -> RunSpec:
    is_virtual = options.device == phones.VIRTUAL
    runner = str(options.runner) if is_virtual else None
    usual = VIRTUAL_SCHEDULE if is_virtual else USUAL
    given = {"num_runs": options.num_runs, "min_s": options.min_secs}
    schedule = replace(usual, **{name: value for name, value in given.items() if value is not None})
    usual_rounds = 0 if runner == RunnerName.ARM64 else 1 if is_virtual else ROUNDS
    rounds = usual_rounds if options.rounds is None else options.rounds
    if options.sustain is not None:
        rounds, schedule = sustain.jobs(options.sustain), sustain.schedule(options.sustain)
    settings = Settings(
        options.threads, options.accelerator, schedule, return_fed=options.fed, sustain_s=options.sustain
    )
    return RunSpec(settings, rounds, options.seed, options.limit, runner, recipes, variants)


def _folder(options: argparse.Namespace, wish: Record) -> RunFolder:
    """A new run, or the one to go on with."""
    if options.resume is not None:
        folder = find(options.resume, options.build.results)
        if folder.record.get("fingerprint") != wish["fingerprint"]:
            raise RunError(f"run {folder.id} was begun with other models or options; give those, or leave out --resume")
        return folder
    begun = None if options.fresh else unfinished(options.build.results, wish["fingerprint"])
    if begun is None:
        return RunFolder.begin(options.build.results, wish)
    print(f"run {begun.id} was not finished: going on with it (--fresh begins a new one)", file=sys.stderr)
    return begun


def _measure(campaign: Campaign, admitted: Sequence[Admission], steps: Sequence[PlannedJob], build: Build) -> None:
    log = build.logs / f"run-{campaign.run.id}.log"
    build.archives.mkdir(parents=True, exist_ok=True)
    with quiet(log) as terminal, tempfile.TemporaryDirectory(dir=build.archives) as archives:
        terminal.say(f"run {campaign.run.id}: {len(steps)} jobs on {', '.join(one.title for one in admitted)}")
        campaign.keep_references(build.references, terminal)
        campaign.work(admitted, steps, InputArchives(Path(archives), campaign.recipes, campaign.limit), terminal)


def _rounds(text: str) -> int:
    return 0 if text == "0" else count(text)
