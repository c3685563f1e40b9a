"""One job on one phone: push what it needs, run it, fetch its result, and check that it is complete.

A file counts as the result only when it says that it is complete, is the one that the app reported, and belongs to
this job. A job whose end was not seen leaves its result on the phone all the same: `recover` looks for it.
"""

import hashlib
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.adb.errors import AdbError, AdbTimeoutError, AppDiedError, NoSuchFileError
from benchmarks.adb.failures import LONGEST_REASON, explain, reason_in
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.shell import of_user
from benchmarks.adb.store import FOLDER, ModelStore
from benchmarks.formats.archive import WrittenArchive
from benchmarks.formats.errors import ResultError
from benchmarks.formats.job import JOB_FILE, InputArchive, Job, JobModel, ProbeJob
from benchmarks.formats.manifest import NamedFile
from benchmarks.formats.results import SUFFIX, StoredResult, decode, read_result
from benchmarks.phones.app import PACKAGE, RUNNER
from benchmarks.phones.vitals import last_exit
from benchmarks.runs.instrument import InstrumentationEnd, follow
from benchmarks.runs.result_folder import ResultFolder

JOBS, INPUTS = f"{FOLDER}/jobs", f"{FOLDER}/inputs"
OURS = re.compile(r".*\.(result\.json|(outputs|timings|fed|values)\.bin)|\..*\.part-.*")

OnHeartbeat = Callable[[int, int], None]
"""Called with (inputs or runs done, in all) at every heartbeat."""
Pause = Callable[[float], None]
"""Waits so many seconds, or raises when the run is to end."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0

GENERIC = re.compile(r"|Process crashed\.?|Native crash(: .*)?")
"""What `am` says of a crash when the app left no words of its own."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what. An app's heart beats every two seconds; `total_s` is for a whole job.

    `return_s` is for a phone that was lost to come back, `finish_s` for a job that went on meanwhile.
    """

    idle_s: float = 30.0
    total_s: float = 6 * 3600.0
    return_s: float = 60.0
    finish_s: float = 600.0


class Session:
    """Jobs on one phone, on behalf of one run."""

    def __init__(self, phone: AdbPhone, run: str, patience: Patience, pause: Pause, user: int | None = None) -> None:
        self._phone = phone
        self._user = user
        self._results = ResultFolder(phone, user)
        self._store = ModelStore(phone, run)
        self._patience = patience
        self._pause = pause

    def prepare(self) -> str | None:
        """Sweep what earlier runs left behind, photographs first, and make room for new models.

        Returns why results are taken from the shared storage; None where they are in the app's own folder.
        """
        refusal = self._results.refusal()
        self._results = ResultFolder(self._phone, self._user, shared=refusal is not None)
        self.clear()
        self._store.sweep()
        self._store.trim()
        return refusal

    def clear(self) -> None:
        """End the app, and delete jobs, inputs and results from the phone; models stay."""
        self.stop()
        self._phone.check(["rm", "-rf", JOBS, INPUTS])
        self._remove_results(OURS)

    def stop(self) -> None:
        """End the app at once; a `run` in another thread then ends with an error."""
        self._phone.check(["am", "force-stop", *of_user(self._user), PACKAGE])

    def put_model(self, file: NamedFile) -> JobModel:
        """The model, pushed where the phone does not have it yet."""
        stored = self._store.put(file.checked(), sha256=file.sha256)
        return JobModel(stored.path, file.sha256, file.size_bytes)

    def put_inputs(self, archive: WrittenArchive) -> InputArchive:
        """The input archive, pushed; every other one is deleted: a photograph stays no longer than it is needed."""
        names = self._phone.shell(["ls", INPUTS]).stdout.split()  # hashes, so that no name has a space
        others = [name for name in names if not name.startswith(archive.sha256)]
        if others:
            self._phone.check(["rm", "-f", *(f"{INPUTS}/{name}" for name in others)])
        stored = self._store.put(archive.path, INPUTS, archive.sha256)
        return InputArchive(stored.path, stored.sha256, archive.size_bytes, archive.kind, archive.count)

    def run(self, job: Job | ProbeJob, into: Path, on_heartbeat: OnHeartbeat) -> StoredResult:
        """Run `job` and put its result, ok or failed, into `into`. An error when it came to no result."""
        folder = f"{JOBS}/{job.id}"
        self._discard(job)
        self._phone.check(["mkdir", "-p", "-m", "0755", FOLDER, JOBS, folder])
        self._phone.push(job.encode(), f"{folder}/{JOB_FILE}")
        ending = self._instrument(folder, on_heartbeat)
        if not ending.is_ok or ending.values.get("handset_job") != job.id:
            raise self._reason(job, ending)
        result = self._fetch(job, ending.values.get("handset_result", ""), ending.values.get("handset_sha256"), into)
        self._discard(job)
        return result

    def recover(self, job: Job | ProbeJob, into: Path) -> StoredResult | None:
        """The result of a job whose end was not seen, once the app has finished; None when it has to run again."""
        gives_up_at = time.monotonic() + self._patience.finish_s
        pause_s = FIRST_PAUSE_S
        while True:
            running = self._phone.shell(["pidof", PACKAGE]).exit_code == 0  # asked first: it may end meanwhile
            result = self._finished(job, into)
            if result is not None or not running or time.monotonic() > gives_up_at:
                return result
            self._pause(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _finished(self, job: Job | ProbeJob, into: Path) -> StoredResult | None:
        name = f"{job.id}{SUFFIX}"
        sha256 = self._results.sha256(name)
        if sha256 is None:
            return None
        result = self._fetch(job, name, sha256, into)
        self._discard(job)
        return result

    def _instrument(self, folder: str, on_heartbeat: OnHeartbeat) -> InstrumentationEnd:
        start = ["am", "instrument", *of_user(self._user), "-w", "-r"]
        args = [*start, "-e", "job", folder, *self._results.arguments, RUNNER]
        try:
            return follow(self._phone.stream(args, self._patience.idle_s, self._patience.total_s), on_heartbeat)
        except AdbTimeoutError as error:
            self.stop()  # where it is the link that hangs, this says so instead
            raise AppDiedError(f"{error} (the app hung, and was stopped)") from error

    def _reason(self, job: Job | ProbeJob, ending: InstrumentationEnd) -> AdbError:
        """Why there is no result, in Android's own words: what `am` said, and if that is only a crash, which."""
        serial = self._phone.serial
        values = ending.values
        said = " ".join((values.get("longMsg") or values.get("shortMsg") or "").split())[:LONGEST_REASON]
        own_words = None if GENERIC.fullmatch(said) else said
        reason = explain(ending.output, serial, job.id, own_words)
        if isinstance(reason, AppDiedError):
            exit_info = last_exit(self._phone.shell(["dumpsys", "activity", "exit-info", PACKAGE]).stdout)
            texts = [exit_info] if own_words is None else [own_words, exit_info]
            causes = (explain(text, serial, job.id, own_words) for text in texts)
            reason = next((cause for cause in causes if isinstance(cause, AppDiedError)), reason)
        words = said or reason_in(ending.output) or "nothing"
        return reason or AppDiedError(f"{job.id}: the app on phone {serial} ended without a result; it said: {words}")

    def _fetch(self, job: Job | ProbeJob, path: str, sha256: str | None, into: Path) -> StoredResult:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=into) as name:
            local = Path(name, f"{job.id}{SUFFIX}")
            self._copy(path, local)
            data = local.read_bytes()
            if hashlib.sha256(data).hexdigest() != sha256:
                raise ResultError(
                    f"{job.id}: phone {self._phone.serial} sent another result than it reported; run again"
                )
            blobs = decode(data, local.name).files
            for blob in blobs:
                if not blob.path.startswith(f"{job.id}."):
                    raise ResultError(f"{job.id}: its result names the file {blob.path!r} of another job; run again")
                self._copy(str(PurePosixPath(path).with_name(blob.path)), local.with_name(blob.path))
            read_result(local, sha256, job)
            # The result file is moved last: it certifies the blobs.
            for file in (*(local.with_name(blob.path) for blob in blobs), local):
                file.replace(into / file.name)
        return read_result(into / local.name, sha256, job)

    def _copy(self, path: str, target: Path) -> None:
        try:
            with target.open("wb") as file:
                self._results.copy(path, file)
        except NoSuchFileError as error:
            raise ResultError(f"phone {self._phone.serial} reported {path}, but does not have it; run again") from error

    def _discard(self, job: Job | ProbeJob) -> None:
        self._phone.check(["rm", "-rf", f"{JOBS}/{job.id}"])
        self._remove_results(re.compile(rf"\.?{re.escape(job.id)}\..*"))

    def _remove_results(self, pattern: re.Pattern[str]) -> None:
        self._results.remove([name for name in self._results.names() if pattern.fullmatch(name)])
