"""`handset.run/1`: `run.json` as its file holds it, with what is known of each phone. `run_folder` keeps it."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, field

from benchmarks.formats.declared import Count, Declared, Line, Positive, Sha256, about
from benchmarks.formats.job import DAY_S, MAX_THREADS, Accelerator
from benchmarks.formats.manifest import Reference
from metadata.finding import Finding

RUN_FORMAT = "handset.run/1"


class Battery(Declared, frozen=True):
    """Charge in percent, and the battery's temperature in °C."""

    level_percent: int | None
    temperature_c: float | None


class PhoneFacts(Declared, frozen=True):
    """What a phone reports of itself; None where it does not."""

    serialno: Annotated[str | None, about("the phone's own number")]
    manufacturer: str | None
    model: str | None
    soc: Annotated[str | None, about("its chip")]
    android: str | None
    sdk: int | None
    abis: Annotated[tuple[str, ...], about("best first")]
    fingerprint: str | None
    battery: Battery
    is_virtual: bool


UNKNOWN_FACTS = PhoneFacts(None, None, None, None, None, None, (), None, Battery(None, None), is_virtual=False)


class InstalledApp(Declared, frozen=True):
    """The benchmark app on a phone."""

    version_code: int | None
    apk_sha256: Annotated[str | None, about("null where the APK cannot be read, as for a built-in one")]


class RefusedQuestion(Declared, frozen=True):
    """A command that the phone refused; what it would have said is not known."""

    question: str
    said: Annotated[str, about("the phone's own words")]


class Vitals(Declared, frozen=True):
    """A phone's state."""

    facts: PhoneFacts
    is_emulator: bool
    thermal_status: Annotated[int | None, about("Android's, 0 (none) to 6 (shutdown)")]
    power_save: Annotated[bool | None, about("whether the battery saver is on")]
    locked: bool | None
    free_bytes: int | None
    app: Annotated[InstalledApp | None, about("null where it is absent, and where the phone refused the question")]
    user: Annotated[int | None, about("who is in front and measured; 0 is the owner")] = None
    awake: Annotated[bool | None, about("in use: not dozing, its screen not off")] = None
    savers: Annotated[tuple[str, ...], about("battery savers that are on, makers' own ones too")] = ()
    page_bytes: Annotated[int | None, about("of memory: 4096, or 16384")] = None
    set_by_hand: Annotated[tuple[str, ...], about("services that print what somebody told them: not the truth")] = ()
    refused: Annotated[tuple[RefusedQuestion, ...], about("questions without an answer")] = ()

    @property
    def temperature_c(self) -> float | None:
        return self.facts.battery.temperature_c


class JobFailure(Declared, frozen=True):
    """A job without an ok result, and why, in one line."""

    job: str
    title: str
    message: str


class Cooldown(Declared, frozen=True):
    """How long a round waited for the phone to be as cool as at the start; None for a temperature not reported."""

    round: Count
    waited_s: float
    before_c: float | None
    after_c: float | None


class RunPhone(Declared, frozen=True, kw_only=True):
    """One phone of a run. What is not known yet has its default."""

    title: Annotated[str, about("model and number")] = ""
    serial: Annotated[str, about("what its transport calls it")] = ""
    route: Annotated[str, about("`usb`, `tcp` or `server`; `imported` where its results came from a farm")] = ""
    virtual: Annotated[bool, about("its times are not a phone's")] = False
    vitals: Annotated[Vitals | None, about("before the run; of no phone whose results were imported")] = None
    allowed: Annotated[tuple[Finding, ...], about("overridden with `--allow`")] = ()
    refused: Annotated[tuple[Finding, ...], about("what kept it out")] = ()
    notes: Annotated[
        tuple[Finding, ...], about("what may distort its numbers, or is not known, and did not stop it")
    ] = ()
    complete: Annotated[bool, about("it has every result")] = False
    finished: Annotated[tuple[str, ...], about("ids of the jobs whose ok result is here")] = ()
    failures: Annotated[tuple[JobFailure, ...], about("jobs without an ok result")] = ()
    cooldowns: Annotated[tuple[Cooldown, ...], about("before each round")] = ()
    ended: Annotated[str | None, about("why it stopped early")] = None
    left_behind: Annotated[str | None, about("why inputs may still lie on it")] = None


class RunModel(Declared, frozen=True, kw_only=True):
    """A model of a run, and what it is evaluated on."""

    recipe: Line
    variant: Line
    sha256: Sha256
    size_bytes: Count = field(name="bytes")
    inputs_sha256: Sha256
    inputs: Annotated[Count, about("how many are expected")]
    evaluation: Line
    reference: Annotated[Reference, about("what `<recipe>-keras.npy` came from")] = Reference.KERAS
    notes: Annotated[tuple[Finding, ...], about("the manifest's")] = ()

    @property
    def name(self) -> str:
        """`<recipe>_<variant>`."""
        return f"{self.recipe}_{self.variant}"


class RunFile(Declared, frozen=True, kw_only=True, tag_field="format", tag=RUN_FORMAT):
    """A run: what it was asked to do, and how far each phone came."""

    run: Annotated[Line, about("the folder's name: when the run began")]
    complete: Annotated[bool, about("every phone has every result; if not, the same command goes on with the same run")]
    fingerprint: Annotated[Line, about("over everything down to `models`: the same wish is the same run")]
    virtual: Annotated[bool, about("begun with `--device virtual`")]
    runner: Annotated[Line | None, about("`desktop`, `kotlin` or `arm64` on a virtual phone; null on phones")]
    threads: Annotated[int, Meta(ge=1, le=MAX_THREADS, description="as in every job")]
    accelerator: Annotated[Accelerator, about("as in every job")]
    return_fed: Annotated[bool, about("evaluations return the model inputs too (`--model-inputs`)")]
    schedule: Annotated[Mapping[str, int | float], about("that of the latency jobs")]
    sustain_s: Annotated[Annotated[float, Meta(gt=0, le=DAY_S)] | None, about("of each variant, without a rest")]
    rounds: Annotated[Count, about("of latency")]
    seed: Annotated[int, about("of the order within each round")]
    limit: Annotated[Positive | None, about("how many inputs of every evaluation set; null is all")]
    models: tuple[RunModel, ...]
    phones: Annotated[Mapping[str, RunPhone], about("by folder name")]
    packed: Annotated[tuple[str, ...], about("ids of the jobs that were packed for a farm")] = ()
