"""The whole `make benchmark ARGS=--install` against every persona: measured, or one line that says what to do."""

import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.compare.comparison_json import decode
from benchmarks.formats.run_folder import find
from benchmarks.phones.app import PACKAGE
from benchmarks.virtual_phone import persona
from benchmarks.virtual_phone.persona import PersonaError, load, names, read
from tests.benchmarks.apks import build_apk

ALWAYS = ("galaxy_secure_folder", "hyperos", "verification_failure")
"""Those that `make test` runs, too: a second user, refused keys and a screen in the background, a refused install."""
TABLE = [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.thorough) for name in names()]
QUICK = ["--rounds", "1", "--num-runs", "1", "--min-secs", "0", "--fresh", "--json"]


@pytest.fixture(scope="module")
def build(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder with the small export and an app for every processor; what Keras answered is kept in it."""
    folder = tmp_path_factory.mktemp("personas")
    shutil.copytree(export, folder / "models")
    build_apk(folder / "handset-debug.apk", PACKAGE, abis=("arm64-v8a", "armeabi-v7a", "x86_64"))
    return folder


def benchmark(build: Path, *options: str) -> int:
    return main(["run", "--device", "virtual", "--install", "--build", str(build), *QUICK, *options])


@pytest.mark.parametrize("name", TABLE)
def test_a_persona_is_measured_or_refused_with_a_remedy(
    name: str, build: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = load(name)
    code = benchmark(build, "--persona", name)
    said = capfd.readouterr()
    lines = [line for line in (said.err + said.out).splitlines() if line.strip()]
    for words in expected.says:
        assert any(words in line for line in lines), f"{words!r} is in none of:\n{said.err}"
    assert "Traceback" not in said.err
    if expected.outcome == "measured":
        assert code == 0, said.err
        comparison = decode(said.out.encode())
        assert comparison.complete
        assert [phone.is_virtual for phone in comparison.phones] == [True]
        assert [row.latency for row in comparison.rows] == [None] * len(comparison.rows), "a persona has no latency"
    else:
        assert code == 2
        assert expected.says, "what the user reads"
        refusals = [line for line in said.err.splitlines() if line.startswith(("phone ", "install ", "no phone "))]
        assert all("; " in line for line in refusals), refusals


def test_a_plain_virtual_phone_says_nothing_beside_its_results(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark(build) == 0
    assert ": QUESTION-REFUSED" not in (err := capsys.readouterr().err)
    assert ": STATE-UNKNOWN" not in err


@pytest.mark.thorough
def test_a_library_that_does_not_load_is_a_failed_result_with_that_cause(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark(build, "--persona", "sixteen_kb", "--allow", "PAGE-SIZE") == 2
    run = find(None, build / "results")
    (phone,) = run.record.phones.values()
    assert phone.failures
    for failure in phone.failures:
        assert "library-not-loaded on phone" in failure.message
        assert "program alignment (4096) cannot be smaller than system page size (16384)" in failure.message
    assert "Traceback" not in capsys.readouterr().err


def test_a_run_remembers_who_was_measured_and_what_was_not_in_front(build: Path) -> None:
    assert benchmark(build, "--persona", "hyperos") == 0
    (phone,) = find(None, build / "results").record.phones.values()
    assert {"NOT-IN-FRONT", "QUESTION-REFUSED"} <= {note.id for note in phone.notes}
    assert phone.vitals is not None
    assert phone.vitals.user == 0


def test_every_part_of_a_persona_names_its_source_and_no_person() -> None:
    assert set(ALWAYS) <= set(names())
    for name in names():
        one = load(name)
        assert one.outcome in ("measured", "refused")
        assert all(len(source) > 5 for source in one.sources)
        text = (persona.FOLDER / f"{name}.toml").read_text("utf-8")
        assert "@" not in text.replace("android-test@", "")
        assert "/home/" not in text


def test_a_persona_that_is_none_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PersonaError, match=r"'nokia' is no persona; choose from adaptive_saver, "):
        load("nokia")
    broken = tmp_path / "broken.toml"
    for text, words in (
        ("title = ", "is not TOML"),
        ("titel = 'x'", "titel is no name known here; choose from title"),
        ("title = 'x'\n[[replies]]\ncommand = '('\nsource = 'here'", "is no regular expression"),
    ):
        broken.write_text(text)
        with pytest.raises(PersonaError, match=words) as caught:
            read(broken)
        assert "\n" not in str(caught.value)
    archive = tmp_path / "report.zip"
    archive.write_bytes(b"PK" + bytes(100))
    for path in (tmp_path / "absent.toml", archive):
        with pytest.raises(PersonaError, match="cannot be read, "):
            read(path)
    assert main(["virtual", "--persona", "nokia"]) == 2
    assert main(["virtual", "--persona", "auto_blocker"]) == 2
    assert "does not appear over USB or Wi-Fi; choose another persona" in capsys.readouterr().err


def test_a_persona_is_only_for_a_virtual_phone(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--build", str(build), "--persona", "pixel"]) == 2
    assert capsys.readouterr().err == "a persona is of a virtual phone; add --device virtual (DEVICE=virtual)\n"


def test_personas_are_listed_with_their_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["virtual", "--list-personas"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert "hyperos" in lines[list(names()).index("hyperos")]
