"""A whole run: desktop references first, then every admitted phone in a thread of its own.

One phone that fails does not stop the others. Ctrl-C ends the jobs that run, lets every phone be cleaned, and keeps
what is finished.
"""

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from benchmarks.adb.errors import AdbError
from benchmarks.console.terminal import Terminal
from benchmarks.evaluation.reference import References
from benchmarks.formats import desktop_answers
from benchmarks.formats.errors import PhoneBusyError
from benchmarks.formats.run_folder import RunFolder
from benchmarks.phones.admission import Admission, describe, locked
from benchmarks.runs.input_archives import InputArchives
from benchmarks.runs.outcome import PhoneOutcome
from benchmarks.runs.plan import PlannedJob
from benchmarks.runs.run_spec import RunSpec
from benchmarks.runs.worker import Worker


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be run, and the folder of the run."""

    run: RunFolder
    spec: RunSpec

    def keep_references(self, kept: Path, terminal: Terminal) -> None:
        """Put Keras's and desktop TFLite's answers, and the truth, into the run's folder; from `kept`, or computed."""
        (self.run.path / desktop_answers.FOLDER).mkdir(exist_ok=True)
        for name, recipe in self.spec.recipes.items():
            variants = [variant for variant in self.spec.variants if variant.recipe == name]
            references = References(recipe, self.spec.limit, kept)
            missing = references.missing(variants)
            bar = terminal.bar("this computer")
            if missing:
                names = ", ".join(variant.name for variant in missing)
                bar.job(f"{name}: {names} on {len(references.inputs.ids)} inputs", 1, 1)
            answers = references.answers(variants, bar.advance)
            desktop_answers.keep(self.run.path, recipe, references.inputs, answers)
            bar.end()

    def work(
        self, admitted: Sequence[Admission], jobs: Sequence[PlannedJob], archives: InputArchives, terminal: Terminal
    ) -> None:
        """Every phone through the plan; what became of it is in the run. KeyboardInterrupt when that came."""
        stop = threading.Event()
        with ThreadPoolExecutor(max(1, len(admitted))) as pool, terminal.bars():
            workers = [self._worker(phone, archives, stop, terminal) for phone in admitted]
            futures = [pool.submit(self._run_phone, *pair, jobs) for pair in zip(admitted, workers, strict=True)]
            try:
                wait(futures)
            except KeyboardInterrupt:
                stop.set()
                terminal.say("stopping; the phones are being cleaned up")
                for worker in workers:
                    with contextlib.suppress(AdbError):  # a phone that is gone runs nothing that could be stopped
                        worker.abort()
                raise
        for future in futures:
            future.result()  # a bug in a worker's thread is raised here

    def refuse(self, phone: Admission) -> None:
        """Write down why a phone takes no part."""
        refused = tuple(phone.stopping)
        self.run.update_phone(phone.name, **_facts(phone), complete=False, refused=refused, ended=describe(phone))

    def _worker(
        self, phone: Admission, archives: InputArchives, stop: threading.Event, terminal: Terminal
    ) -> Worker[PlannedJob]:
        folder = self.run.phone_folder(phone.name)
        bar = terminal.bar(phone.title)
        return Worker(phone.phone, self.run.id, folder, archives, self.spec.settings, stop, bar, phone.vitals)

    def _run_phone(self, phone: Admission, worker: Worker[PlannedJob], jobs: Sequence[PlannedJob]) -> None:
        self.run.update_phone(
            phone.name, **_facts(phone), complete=False, failures=(), refused=(), ended=None, left_behind=None
        )
        try:
            with locked(phone.lock):
                outcome = worker.work(jobs)
        except PhoneBusyError as error:
            outcome = PhoneOutcome(ended=str(error))
        self.run.update_phone(
            phone.name,
            complete=outcome.is_complete,
            finished=tuple(outcome.finished),
            failures=tuple(outcome.failures),
            cooldowns=tuple(outcome.cooldowns),
            notes=(*phone.notes, *outcome.notes),
            ended=outcome.ended,
            left_behind=outcome.left_behind,
        )


def _facts(phone: Admission) -> dict[str, object]:
    return {
        "title": phone.title,
        "serial": phone.phone.serial,
        "route": phone.phone.route,
        "virtual": phone.vitals.facts.is_virtual,
        "vitals": phone.vitals,
        "allowed": tuple(phone.allowed),
        "notes": tuple(phone.notes),
    }
