"""`python -m benchmarks run`: every exported model on every attached phone, and its numbers beside the desktop's."""

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from benchmarks.commands.after_run import ComparisonOptions, after_run, exit_code, show
from benchmarks.commands.compare import add_gate_options
from benchmarks.commands.probe import probe
from benchmarks.compare.row_results import RowResults
from benchmarks.console.arguments import count
from benchmarks.console.places import Build, add_build_option
from benchmarks.console.terminal import quiet
from benchmarks.explain.explanation import parted_at_runtime
from benchmarks.formats.arrays import TensorType
from benchmarks.formats.declared import checked
from benchmarks.formats.errors import JobError, RunError
from benchmarks.formats.fit import ITEM_BYTES
from benchmarks.formats.job import Schedule
from benchmarks.formats.manifest import Manifest
from benchmarks.formats.run_file import RunFile
from benchmarks.formats.run_folder import RunFolder, find, unfinished
from benchmarks.phones import preflight
from benchmarks.phones.admission import Admission, admit_all, describe, describe_notes
from benchmarks.phones.choice import attached
from benchmarks.phones.options import VIRTUAL, add_options
from benchmarks.phones.page_size import built_for_pages_of
from benchmarks.phones.preflight import Needs
from benchmarks.runners.choice import RunnerName
from benchmarks.runs.campaign import Campaign
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import Settings
from benchmarks.runs.plan import ROUNDS, USUAL, plan, plan_sustained, sustained_schedule, sustained_seconds
from benchmarks.runs.run_spec import RunSpec, spec_from
from benchmarks.runs.run_spec import add_options as add_run_options
from metadata.hashes import sha256_of

VIRTUAL_SCHEDULE = Schedule(warmup_runs=1, warmup_min_s=0, num_runs=10, min_s=0, max_s=150)
"""A virtual phone's latency is not reported: enough to see that the job works."""
EXAMPLES = f"""examples:
  python -m benchmarks run                                  every model on every phone that is attached
  python -m benchmarks run --device virtual                 everything, without a phone
  python -m benchmarks run --models digits_cnn --variants fp32,int8 --serial R5CT10
  python -m benchmarks run --accelerator gpu --rounds 40
  python -m benchmarks run --sustain 600 --models digits_cnn --variants int8
  python -m benchmarks run --allow LOW-BATTERY              measure in spite of it; the run records that

The same command finishes a run that was interrupted; --fresh begins a new one. These findings can be allowed:
{", ".join(preflight.OVERRIDABLE)}.
Exit code 0: everything measured, every gate kept. 1: a gate is not kept. 2: something could not be measured; standard
error says what. 130: Ctrl-C.
"""


def add_parser(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subcommands.add_parser(
        "run",
        help="run every exported model on every attached phone",
        description="Push the exported models to phones, run them there on the evaluation set, and show the numbers.",
        epilog=EXAMPLES,
    )
    add_options(parser)
    add = parser.add_argument
    add_run_options(parser)
    add("--rounds", type=_rounds, metavar="N", help=f"rounds of latency (default: {ROUNDS}, virtual 1, emulated 0)")
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
        type=sustained_seconds,
        metavar="S",
        help="instead, run each variant for S seconds without a pause, and find where the phone throttles",
    )
    add(
        "--model-inputs",
        "--fed",
        action="store_true",
        help="also fetch the model inputs that the phone prepared, for explain; with --limit",
    )
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
    spec = _spec(options)
    apk = options.apk or options.build.apk
    with attached(options, bare=options.install) as chosen:
        needs = _needs(spec, apk)
        asked, silent = admit_all(chosen.found, needs, options.allow, options.install, apk, _ask)
        refused = [phone for phone in asked if phone.stopping]
        for line in (*chosen.unusable, *silent, *map(describe, refused)):
            print(line, file=sys.stderr)
        admitted = [phone for phone in asked if not phone.stopping]
        for line in (line for phone in admitted for line in describe_notes(phone)):
            print(line, file=sys.stderr)
        if not admitted:
            return 2
        folder = _folder(options, spec.to_file())
        campaign = Campaign(folder, spec)
        for phone in refused:
            campaign.refuse(phone)
        _measure(campaign, admitted, options.build)
        folder.finish(not chosen.unusable and not silent)
        wanted = ComparisonOptions(
            options.build, options.gates, strict=options.strict, as_json=options.json, explain=options.explain
        )
        try:
            comparison = after_run([folder], wanted, look_into=partial(_look_into_layers, admitted, options.build))
        except KeyboardInterrupt:
            folder.finish(False)  # its layers and its report are missing: the same command goes on with it
            raise
    show(comparison, wanted, folder.path)
    return exit_code(comparison, wanted)


def _look_into_layers(phones: Sequence[Admission], build: Build, failing: Sequence[RowResults]) -> None:
    """Fetch the tensors of models that fail a gate and answer otherwise on the phone, while it is still attached."""
    unseen = [row for row in failing if not row.is_sustained and row.probed() is None]
    if not unseen:
        return
    rows = parted_at_runtime(unseen, Manifest.read(build.models), build)
    with quiet(build.logs / f"layers-{unseen[0].run.id}.log") as terminal:
        for problem in probe(rows, phones, build, terminal):
            terminal.say(problem)


def _ask(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _needs(spec: RunSpec, apk: Path) -> Needs:
    pairs = [(spec.recipes[variant.recipe], variant) for variant in spec.variants]
    archive_sizes = [recipe.inputs.size_bytes for recipe in spec.recipes.values()]
    archive_sizes += [
        math.prod(variant.input.shape) * ITEM_BYTES[TensorType(variant.input.dtype)] * recipe.input_count
        for recipe, variant in pairs
    ]
    models_bytes = sum(variant.file.size_bytes for variant in spec.variants)
    pushed_bytes = models_bytes + max(archive_sizes)  # one archive at a time
    if not apk.is_file():
        return Needs(pairs, pushed_bytes, None)
    return Needs(pairs, pushed_bytes, sha256_of(apk), built_for_pages_of(apk))


def _spec(options: argparse.Namespace) -> RunSpec:
    is_virtual = options.device == VIRTUAL
    runner = str(options.runner) if is_virtual else None
    asked = {"num_runs": options.num_runs, "min_s": options.min_secs}
    changes = {name: value for name, value in asked.items() if value is not None}
    usual = VIRTUAL_SCHEDULE if is_virtual else USUAL
    remedy = "choose other --num-runs and --min-secs"
    schedule = checked(lambda: replace(usual, **changes), "the schedule", JobError, remedy)
    usual_rounds = 0 if runner == RunnerName.ARM64 else 1 if is_virtual else ROUNDS
    rounds = usual_rounds if options.rounds is None else options.rounds
    if options.sustain is not None:
        rounds, schedule = sustained_schedule(options.sustain)
    settings = Settings(
        options.threads, options.accelerator, schedule, return_fed=options.model_inputs, sustain_s=options.sustain
    )
    return spec_from(options, settings, rounds, runner)


def _folder(options: argparse.Namespace, asked: RunFile) -> RunFolder:
    """A new run, or the one to go on with."""
    if options.resume is not None:
        folder = find(options.resume, options.build.results)
        if folder.record.fingerprint != asked.fingerprint:
            raise RunError(f"run {folder.id} was begun with other models or options; give those, or leave out --resume")
        return folder
    begun = None if options.fresh else unfinished(options.build.results, asked.fingerprint)
    if begun is None:
        return RunFolder.begin(options.build.results, asked)
    print(f"run {begun.id} was not finished: going on with it (--fresh begins a new one)", file=sys.stderr)
    return begun


def _measure(campaign: Campaign, admitted: Sequence[Admission], build: Build) -> None:
    spec = campaign.spec
    if spec.settings.sustain_s is None:
        jobs = plan(spec.variants, spec.rounds, spec.seed)
    else:
        jobs = plan_sustained(spec.variants, spec.rounds)
    log = build.logs / f"run-{campaign.run.id}.log"
    build.archives.mkdir(parents=True, exist_ok=True)
    with quiet(log) as terminal, tempfile.TemporaryDirectory(dir=build.archives) as folder:
        terminal.say(f"run {campaign.run.id}: {len(jobs)} jobs on {', '.join(phone.title for phone in admitted)}")
        with InputArchives(Path(folder), spec.recipes, spec.limit, jobs) as archives:
            campaign.keep_references(build.references, terminal)
            campaign.work(admitted, jobs, archives, terminal)


def _rounds(text: str) -> int:
    return 0 if text == "0" else count(text)
