"""Which aapt2, Java and Maven are taken, on machines that have several, and how Maven is run: scripts stand in."""

import os
import platform
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from android_app.desktop.apk import classes
from android_app.desktop.apk.errors import MissingToolError
from android_app.desktop.apk.project import ROOT
from android_app.desktop.apk.tools import aapt2

OLD = "AndroidManifest.xml:2: error: unexpected element <uses-native-library> found in <manifest><application>."
NEW = "AndroidManifest.xml:2: error: attribute android:name not found."
LINT = ROOT / "android_app" / "lint.sh"


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake(path: Path, version: str, answer: str) -> Path:
    """An aapt2 of this version, which gives this answer to the app's newest element."""
    banner = f"Android Asset Packaging Tool (aapt) {version}"
    return script(path, f'[ "$1" = version ] && echo "{banner}" >&2 && exit 0; echo "{answer}" >&2; exit 1')


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locked wheel would have its aapt2, on a machine that has none at all."""
    for name in ("AAPT2", "ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path / "site-packages"))
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-x86_64")
    return tmp_path / "site-packages" / "aapt2" / "bin" / "Linux" / "aapt2"


def test_the_locked_wheel_comes_before_the_path_and_is_made_executable(wheel: Path, tmp_path: Path) -> None:
    fake(tmp_path / "path" / "aapt2", "2.19-debian", OLD)
    fake(wheel, "2.19-7832930", NEW).chmod(0o644)
    assert aapt2() == wheel


def test_an_sdk_comes_before_the_path_and_its_newest_build_tools_first(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not wheel.exists()
    fake(tmp_path / "path" / "aapt2", "2.19-debian", NEW)
    for version in ("30.0.3", "34.0.0"):
        fake(tmp_path / "sdk" / "build-tools" / version / "aapt2", f"2.19-{version}", NEW)
    monkeypatch.setenv("ANDROID_HOME", str(tmp_path / "sdk"))
    assert aapt2() == tmp_path / "sdk" / "build-tools" / "34.0.0" / "aapt2"


def test_the_sdk_of_android_studio_is_found_where_no_variable_names_it(wheel: Path, tmp_path: Path) -> None:
    assert not wheel.exists()
    newest = fake(tmp_path / "home/Library/Android/sdk/build-tools/36.0.0/aapt2", "2.19-36", NEW)
    assert aapt2() == newest


@pytest.mark.parametrize(
    ("system", "processor", "remedy"),
    [
        (
            "Darwin",
            "arm64",
            "install Rosetta (softwareupdate --install-rosetta), or set AAPT2 to that of Android's build-tools",
        ),
        ("Linux", "aarch64", "Google has none for Linux on aarch64: set AAPT2 to another one"),
    ],
)
def test_a_processor_that_the_locked_aapt2_is_not_for_is_told_so_in_one_line(
    system: str, processor: str, remedy: str, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"\x7fELF of another processor")
    with pytest.raises(MissingToolError) as refused:
        aapt2()
    line = str(refused.value)
    assert line.startswith(
        f"no aapt2 here knows <uses-native-library>: {wheel} does not start as aapt2; the locked one is"
    )
    assert remedy in line
    assert "\n" not in line


def test_a_wheel_for_another_processor_gives_way_to_the_path(wheel: Path, tmp_path: Path) -> None:
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"\x7fELF of another processor")
    on_path = fake(tmp_path / "path" / "aapt2", "2.19-debian", NEW)
    assert aapt2() == on_path


def test_every_aapt2_that_is_not_fit_is_named_with_its_path_and_version(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel.parent.mkdir(parents=True)
    wheel.write_bytes(b"no program")
    old = fake(tmp_path / "sdk" / "build-tools" / "29.0.3" / "aapt2", "2.19-6051327", OLD)
    monkeypatch.setenv("ANDROID_SDK_ROOT", str(tmp_path / "sdk"))
    debian = fake(tmp_path / "path" / "aapt2", "2.19-debian", OLD)
    with pytest.raises(MissingToolError) as refused:
        aapt2()
    assert str(refused.value) == (
        f"no aapt2 here knows <uses-native-library>: {wheel} does not start as aapt2; {old} is 2.19-6051327; {debian} "
        "is 2.19-debian; run `make apk` for the locked one, or set AAPT2 to that of Android's build-tools 31 or newer"
    )


def test_the_aapt2_that_a_user_names_is_taken_or_refused_and_no_other_is_tried(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(wheel, "2.19-7832930", NEW)
    named = fake(tmp_path / "named" / "aapt2", "2.19-9", NEW)
    monkeypatch.setenv("AAPT2", str(named))
    assert aapt2() == named
    monkeypatch.setenv("AAPT2", str(fake(tmp_path / "old" / "aapt2", "2.19-1", OLD)))
    with pytest.raises(MissingToolError, match=r"/old/aapt2 is 2.19-1; "):
        aapt2()
    monkeypatch.setenv("AAPT2", str(tmp_path / "gone"))
    with pytest.raises(MissingToolError, match=r"^AAPT2 names .*/gone, which is no file; set it to the program"):
        aapt2()


def test_a_machine_without_any_says_what_to_do(wheel: Path) -> None:
    assert not wheel.exists()
    with pytest.raises(MissingToolError, match=r"^aapt2 is not on this machine; run `make apk`"):
        aapt2()


def test_a_class_whose_source_is_gone_does_not_stay_in_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "maven" / "classes" / "Renamed.class"
    left.parent.mkdir(parents=True)
    left.touch()
    monkeypatch.setattr(classes, "BUILD", tmp_path)
    monkeypatch.setattr(classes, "_maven", lambda *_: None)
    classes.compile_app()
    assert not left.exists()


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., str]:
    """What the linters' script prints with only these programs on the path."""

    def run(**environment: str) -> str:
        folder = tmp_path / "path"
        folder.mkdir(exist_ok=True)
        for program in ("sh", "dirname", "sed"):
            (folder / program).symlink_to(str(shutil.which(program)))
        ended = subprocess.run(
            ["/bin/sh", LINT], env={"PATH": str(folder), **environment}, capture_output=True, text=True, check=True
        )
        return ended.stdout

    return run


def java(path: Path, version: str) -> Path:
    """A Java of this version, which says what it is asked to run."""
    return script(path, f'[ "$1" = -version ] && echo "openjdk version \\"{version}\\"" >&2 && exit 0; echo "$0 ran"')


INSTALL = "install a JDK 17 or newer and Maven (Debian: openjdk-17-jdk-headless, maven)"


def test_the_linters_are_skipped_with_the_java_that_was_found(lint: Callable[..., str], tmp_path: Path) -> None:
    old = java(tmp_path / "path" / "java", "1.8.0_392")
    script(tmp_path / "path" / "mvn", "exit 0")
    assert lint() == f"ktlint and detekt skipped: {old} is Java 1.8.0_392; {INSTALL}\n"


def test_the_linters_are_skipped_without_maven(lint: Callable[..., str], tmp_path: Path) -> None:
    java(tmp_path / "path" / "java", "17.0.15")
    assert lint() == f"ktlint and detekt skipped: mvn is not on the path; {INSTALL}\n"


def test_the_linters_run_on_java_home_s_java_before_an_old_one_on_the_path(
    lint: Callable[..., str], tmp_path: Path
) -> None:
    java(tmp_path / "path" / "java", "11.0.2")
    script(tmp_path / "path" / "mvn", "exit 0")
    taken = java(tmp_path / "jdk" / "bin" / "java", "17.0.15")
    assert lint(JAVA_HOME=str(tmp_path / "jdk")) == f"{taken} ran\n" * 2


def test_the_linters_run_on_the_path_s_java_where_java_home_s_is_old_and_so_does_maven(
    lint: Callable[..., str], tmp_path: Path
) -> None:
    java(tmp_path / "path" / "java", "17.0.15")
    script(tmp_path / "path" / "mvn", '[ -z "$JAVA_HOME" ]')
    java(tmp_path / "jdk" / "bin" / "java", "11.0.2")
    output = lint(JAVA_HOME=str(tmp_path / "jdk"))
    assert [Path(line.split()[0]).name for line in output.splitlines()] == ["java", "java"]
    assert os.sep + "jdk" + os.sep not in output
