"""One phone through the whole plan: every job until its result is there, through lost connections, heat, crashes.

A failing job does not stop the others, three in a row do. At the end, always, the app is stopped and jobs, inputs and
results are deleted from the phone; when that is not possible, the outcome says so, and the next run does it first.
"""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from benchmarks.adb.errors import AdbError, AppDiedError, AppMissingError, RunAsError, UnauthorisedError
from benchmarks.adb.phone import AdbPhone
from benchmarks.formats.archive import WrittenArchive
from benchmarks.formats.errors import BenchmarkError, ResultError, StoppedError
from benchmarks.formats.job import Job, ProbeJob
from benchmarks.formats.result import Result
from benchmarks.formats.results import SUFFIX, StoredResult, read_result
from benchmarks.formats.run_file import Cooldown, JobFailure, Vitals
from benchmarks.phones.preflight import in_front_remedy
from benchmarks.phones.vitals import read_temperature_c
from benchmarks.runs.outcome import PhoneOutcome, PhoneProgress, Settings
from benchmarks.runs.plan import Planned
from benchmarks.runs.retrier import LOST, Retrier
from benchmarks.runs.session import Session
from metadata.finding import Finding, warning

FATAL = (*LOST, AppMissingError, RunAsError, UnauthorisedError, StoppedError)
"""Every further job would fail in the same way."""
BROKEN_RESULTS = 3
FAILURES_IN_A_ROW = 3
WARMER_C = 1.0
CLEAN_UP_S = 10.0


P = TypeVar("P", bound=Planned)
P_contra = TypeVar("P_contra", bound=Planned, contravariant=True)


class Archives(Protocol[P_contra]):
    """Knows what each job runs on."""

    def get(self, job: P_contra, /) -> WrittenArchive: ...


class Worker(Generic[P]):
    """One phone of a run; its results go into `folder`. `stop` ends it between two steps."""

    def __init__(
        self,
        phone: AdbPhone,
        run: str,
        folder: Path,
        archives: Archives[P],
        settings: Settings,
        stop: threading.Event,
        progress: PhoneProgress,
        vitals: Vitals | None = None,
    ) -> None:
        self._phone = phone
        self._run = run
        self._folder = folder
        self._archives = archives
        self._settings = settings
        self._progress = progress
        self._vitals = vitals
        self._retrier = Retrier(phone, settings.patience.return_s, stop, progress.say)
        self._session = Session(phone, run, settings.patience, self._retrier.pause, vitals.user if vitals else None)

    def work(self, jobs: Sequence[P]) -> PhoneOutcome:
        """Carry out the plan. What went wrong on the phone or on this computer is in the outcome."""
        outcome = PhoneOutcome()
        try:
            refusal = self._retrier.retry(self._session.prepare)
            if refusal is not None:
                summary = f"the app's own folder is closed to this computer: {refusal}"
                self._note(outcome, warning("RUN-AS-REFUSED", summary, "results are taken from the shared storage"))
            self._run_jobs(jobs, outcome)
        except BenchmarkError as error:
            outcome.ended = str(error)
        except OSError as error:
            where = error.filename or self._folder
            outcome.ended = (
                f"{where}: {error.strerror}; free some space on this machine, and run the same command again"
            )
        finally:
            self._progress.end()
            outcome.left_behind = self._clean_up()
        return outcome

    def abort(self) -> None:
        """End the job that is running; called from another thread, once `stop` is set."""
        self._session.stop()

    def _run_jobs(self, jobs: Sequence[P], outcome: PhoneOutcome) -> None:
        cool_c = self._retrier.retry(lambda: read_temperature_c(self._phone))
        in_a_row = round_ = 0
        for number, planned in enumerate(jobs, start=1):
            if not self._has_result(planned):
                if planned.round != round_:
                    round_ = planned.round
                    if round_ <= 1 or self._settings.sustain_s is None:
                        outcome.cooldowns.append(self._cool_down(round_, cool_c))
                self._progress.job(planned.title, number, len(jobs))
                failure = self._attempt(planned, outcome)
                if failure is not None:
                    outcome.failures.append(failure)
                    self._progress.say(failure.message)
                    in_a_row += 1
                    if in_a_row == FAILURES_IN_A_ROW:
                        why = f"{in_a_row} jobs in a row failed; mend what the last one says"
                        raise AppDiedError(f"phone {self._phone.serial}: {why}, and run the same command again")
                    continue
            in_a_row = 0
            outcome.finished.append(planned.job_id(self._run))

    def _has_result(self, planned: P) -> bool:
        """Whether an earlier attempt at this run has fetched the result."""
        path = self._folder / f"{planned.job_id(self._run)}{SUFFIX}"
        try:
            return path.exists() and read_result(path).result.error is None
        except ResultError:
            return False

    def _attempt(self, planned: P, outcome: PhoneOutcome) -> JobFailure | None:
        job_id = planned.job_id(self._run)
        try:
            result = self._complete_result(planned)
        except FATAL:
            raise
        except BenchmarkError as error:
            self._retrier.check_stopped()  # a job that was ended because the run was did not fail
            return JobFailure(job_id, planned.title, str(error))
        self._look_whether_in_front(result.result, outcome)
        failure = result.result.error
        if failure is None:
            return None
        self._set_aside(result.path)
        where = f"phone {self._phone.serial}"
        line = f"{job_id}: {failure.kind} on {where}: {failure.message}"
        if result.result.job is None:  # it was right when it left: an older app does not read it
            words = f"the app on {where} does not know this kind of job (it said: {failure.message})"
            line = f"{job_id}: {words}; update the benchmark app with make install"
        return JobFailure(job_id, planned.title, line)

    def _look_whether_in_front(self, result: Result, outcome: PhoneOutcome) -> None:
        """Note once why the phone's times are not those of an app in front."""
        if result.not_in_front is not None:
            never_came = result.state_before.in_front is False
            maker = self._vitals.facts.manufacturer if never_came and self._vitals else None
            remedy = in_front_remedy(maker)
            self._note(outcome, warning("NOT-IN-FRONT", result.not_in_front, remedy))

    def _note(self, outcome: PhoneOutcome, note: Finding) -> None:
        if note.id not in (one.id for one in outcome.notes):
            outcome.notes.append(note)
            self._progress.say(f"phone {self._phone.serial}: {note.id}: {note.summary}; {note.remedy}")

    def _complete_result(self, planned: P) -> StoredResult:
        """The result; when it arrives damaged, the job is run again."""
        for _ in range(BROKEN_RESULTS - 1):
            try:
                return self._with_retries(planned)
            except ResultError as error:
                self._progress.say(f"{error} (running it again)")
        return self._with_retries(planned)

    def _with_retries(self, planned: P) -> StoredResult:
        begun = False

        def attempt() -> StoredResult:
            nonlocal begun
            job = self._job(planned)
            result = self._session.recover(job, self._folder) if begun else None
            begun = True
            return result or self._session.run(job, self._folder, self._progress.heartbeat)

        return self._retrier.retry(attempt)

    def _job(self, planned: P) -> Job | ProbeJob:
        """The job, with everything it names on the phone."""
        archive = self._archives.get(planned)
        model, inputs = self._session.put_model(planned.file), self._session.put_inputs(archive)
        return planned.job(self._run, archive, model, inputs, self._settings)

    def _set_aside(self, failed: Path) -> None:
        """Rename a failed result, so that the next attempt can take its name."""
        number = 1 + len(list(self._folder.glob(f"{failed.name.removesuffix(SUFFIX)}.failed-*.json")))
        failed.rename(failed.with_name(f"{failed.name.removesuffix(SUFFIX)}.failed-{number}.json"))

    def _cool_down(self, round_: int, cool_c: float | None) -> Cooldown:
        """Wait until the battery is as cool as at the start of the run, at most for `cooldown_s`."""
        began = time.monotonic()
        before_c = now_c = self._retrier.retry(lambda: read_temperature_c(self._phone))
        while cool_c is not None and now_c is not None and now_c > cool_c + WARMER_C:
            if time.monotonic() - began > self._settings.cooldown_s:
                state = f"is still at {now_c:.1f} °C, after {cool_c:.1f} °C at the start"
                self._progress.say(f"phone {self._phone.serial} {state}; going on")
                break
            self._retrier.pause(self._settings.cooldown_poll_s)
            now_c = self._retrier.retry(lambda: read_temperature_c(self._phone))
        return Cooldown(round_, time.monotonic() - began, before_c, now_c)

    def _clean_up(self) -> str | None:
        """Leave nothing but models on the phone; why that was not possible, None when it was."""
        wait_s = min(CLEAN_UP_S, self._settings.patience.return_s)
        last = Retrier(self._phone, wait_s, threading.Event(), lambda _: None)  # also when the run was stopped
        try:
            last.retry(self._session.clear)
        except AdbError as error:
            return f"inputs may still lie on phone {self._phone.serial} ({error}); attach it and run make phone-clean"
        return None
