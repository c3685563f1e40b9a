"""A whole run: desktop references first, then every admitted phone in a thread of its own.

One phone that fails does not stop the others. Ctrl-C ends the jobs that run, lets every phone be cleaned, and keeps
what is finished.
"""

import contextlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.adb.errors import AdbError
from benchmarks.console.terminal import Terminal
from benchmarks.evaluation.reference import References
from benchmarks.formats import desktop_answers
from benchmarks.formats.errors import PhoneBusyError
from benchmarks.formats.manifest import ExportedRecipe, ExportedVariant
from benchmarks.formats.run_folder import RunFolder
from benchmarks.phones.admission import Admission, describe, locked
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import PhoneOutcome, Settings
from benchmarks.runs.plan import PlannedJob
from benchmarks.runs.worker import Worker


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be run, and where it is kept."""

    run: RunFolder
    recipes: Mapping[str, ExportedRecipe]
    variants: Sequence[ExportedVariant]
    settings: Settings
    limit: int | None

    def keep_references(self, kept: Path, terminal: Terminal) -> None:
        """Have Keras's and desktop TFLite's answers, and the truth, in the run's folder; from `kept`, or computed."""
        (self.run.path / desktop_answers.FOLDER).mkdir(exist_ok=True)
        for name, recipe in self.recipes.items():
            variants = [variant for variant in self.variants if variant.recipe == name]
            references = References(recipe, self.limit, kept)
            missing = references.missing(variants)
            bar = terminal.bar("this computer")
            if missing:
                bar.job(
                    f"{name}: {', '.join(one.name for one in missing)} on {len(references.inputs.ids)} inputs", 1, 1
                )
            answers = references.answers(variants, bar.advance)
            desktop_answers.keep(self.run.path, recipe, references.inputs, answers)
            bar.end()

    def work(
        self, admitted: Sequence[Admission], steps: Sequence[PlannedJob], parcels: InputArchives, terminal: Terminal
    ) -> None:
        """Every phone through the plan; what became of it is in the run. KeyboardInterrupt when that came."""
        stop = threading.Event()
        with ThreadPoolExecutor(max(1, len(admitted))) as pool, terminal.bars():
            workers = [self._worker(one, parcels, stop, terminal) for one in admitted]
            futures = [pool.submit(self._one, *pair, steps) for pair in zip(admitted, workers, strict=True)]
            try:
                wait(futures)
            except KeyboardInterrupt:
                stop.set()
                terminal.say("stopping; the phones are being cleaned up")
                for worker in workers:
                    with contextlib.suppress(AdbError):  # a phone that is gone runs nothing that could be stopped
                        worker.abort()
                raise
        _raise_bugs(futures)

    def refuse(self, one: Admission) -> None:
        """Write down why a phone takes no part."""
        findings = [finding.to_json() for finding in one.stopping]
        self.run.update_phone(one.name, **_facts(one), complete=False, refused=findings, ended=describe(one))

    def _worker(self, one: Admission, parcels: InputArchives, stop: threading.Event, terminal: Terminal) -> Worker:
        folder = self.run.phone_folder(one.name)
        return Worker(one.phone, self.run.id, folder, parcels, self.settings, stop, terminal.bar(one.title))

    def _one(self, one: Admission, worker: Worker, steps: Sequence[PlannedJob]) -> None:
        self.run.update_phone(
            one.name, **_facts(one), complete=False, failures=[], refused=[], ended=None, left_behind=None
        )
        try:
            with locked(one.lock):
                outcome = worker.work(steps)
        except PhoneBusyError as error:
            outcome = PhoneOutcome(ended=str(error))
        self.run.update_phone(
            one.name,
            complete=outcome.is_complete,
            finished=outcome.finished,
            failures=[asdict(failure) for failure in outcome.failures],
            cooldowns=[asdict(cooldown) for cooldown in outcome.cooldowns],
            ended=outcome.ended,
            left_behind=outcome.left_behind,
        )


def _facts(one: Admission) -> dict[str, object]:
    return {
        "title": one.title,
        "serial": one.phone.serial,
        "route": one.phone.route,
        "virtual": one.vitals.facts.is_virtual,
        "vitals": asdict(one.vitals),
        "allowed": [finding.to_json() for finding in one.allowed],
    }


def _raise_bugs(futures: Sequence[Future[None]]) -> None:
    for future in futures:
        future.result()
