"""Which Java and which Maven are taken, on computers that have several: small scripts stand for each."""

from pathlib import Path

import pytest

from benchmarks.runners.java import JavaError, find_jdk, find_maven


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def jdk(home: Path, version: str, *, compiler: bool = True) -> Path:
    """The home of a Java that prints its properties as Java does."""
    script(home / "bin" / "java", f'echo "    java.home = {home}" >&2; echo "    java.version = {version}" >&2')
    if compiler:
        script(home / "bin" / "javac", "")
    return home


def maven(folder: Path, version: str, java: str = "${JAVA_HOME##*/}") -> Path:
    """A Maven, which calls the version of its Java as the last part of JAVA_HOME is called."""
    return script(
        folder / "mvn",
        f'echo "Apache Maven {version} (abc)"; echo "Java version: {java}, vendor: Debian, runtime: $JAVA_HOME"',
    )


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the path; JAVA_HOME is not set."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return folder


def on_path(path: Path, home: Path) -> None:
    (path / "java").symlink_to(home / "bin" / "java")


def test_a_java_on_the_path_is_taken_with_the_home_that_it_names(path: Path, tmp_path: Path) -> None:
    home = jdk(tmp_path / "21.0.2", "21.0.2")
    on_path(path, home)
    assert (find_jdk().home, find_jdk().version, find_jdk().java) == (home, "21.0.2", home / "bin" / "java")


def test_java_home_comes_before_an_old_java_on_the_path(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(path, jdk(tmp_path / "1.8.0_392", "1.8.0_392"))
    monkeypatch.setenv("JAVA_HOME", str(jdk(tmp_path / "17.0.15", "17.0.15")))
    assert find_jdk().version == "17.0.15"


def test_an_old_java_home_gives_way_to_a_new_java_on_the_path_which_maven_runs_on_too(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = jdk(tmp_path / "17.0.15", "17.0.15")
    on_path(path, home)
    program = maven(path, "3.8.7")
    monkeypatch.setenv("JAVA_HOME", str(jdk(tmp_path / "11.0.2", "11.0.2")))
    found, taken = find_maven()
    assert (found, taken.home) == (program, home)
    assert taken.environment["JAVA_HOME"] == str(home)
    assert taken.environment["PATH"].startswith(str(home / "bin"))


def test_every_java_that_is_not_fit_is_named_with_its_path_and_version(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(path, jdk(tmp_path / "11", "11.0.2"))
    home = jdk(tmp_path / "17", "17.0.15", compiler=False)
    monkeypatch.setenv("JAVA_HOME", str(home))
    with pytest.raises(JavaError) as refused:
        find_jdk()
    assert str(refused.value) == (
        f"{home}/bin/java is Java 17.0.15 without its compiler javac; {path}/java is Java 11.0.2; install a JDK 17 or "
        "newer (Debian: openjdk-17-jdk-headless), or set JAVA_HOME to one"
    )


def test_a_java_home_without_java_and_a_java_that_does_not_start_are_named(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(path / "java", 'echo "Unable to locate a Java Runtime." >&2; exit 1')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(JavaError) as refused:
        find_jdk()
    assert f"{tmp_path}/gone/bin/java is not a Java that starts (No such file or directory)" in str(refused.value)
    assert f"{path}/java is not a Java that starts (Unable to locate a Java Runtime.)" in str(refused.value)


def test_a_computer_without_java_or_without_maven_says_what_to_install(path: Path, tmp_path: Path) -> None:
    with pytest.raises(JavaError, match=r"^java is not on the path, and JAVA_HOME is not set; install a JDK"):
        find_maven()
    on_path(path, jdk(tmp_path / "17.0.15", "17.0.15"))
    with pytest.raises(JavaError, match=r"^mvn is not on the path; install Maven 3.8 or newer"):
        find_maven()


@pytest.mark.parametrize(
    ("version", "java", "problem"),
    [
        ("3.6.3", "17.0.15", "{mvn} is Maven 3.6.3; install Maven 3.8 or newer"),
        (
            "3.8.7",
            "1.8.0_392",
            "{mvn} (Maven 3.8.7) runs on Java 1.8.0_392 at {home}, not on {home}; take JAVA_HOME out of ~/.mavenrc and "
            "/etc/mavenrc",
        ),
    ],
)
def test_a_maven_that_is_too_old_or_runs_on_another_java_is_named(
    version: str, java: str, problem: str, path: Path, tmp_path: Path
) -> None:
    home = jdk(tmp_path / "17.0.15", "17.0.15")
    on_path(path, home)
    program = maven(path, version, java)
    with pytest.raises(JavaError) as refused:
        find_maven()
    assert str(refused.value) == problem.format(mvn=program, home=home)


def test_a_program_that_is_no_maven_is_named_with_its_first_words(path: Path, tmp_path: Path) -> None:
    on_path(path, jdk(tmp_path / "17.0.15", "17.0.15"))
    program = script(path / "mvn", "echo; echo 'mvn: command of another kind'; exit 1")
    with pytest.raises(JavaError) as refused:
        find_maven()
    assert str(refused.value).startswith(f"{program} is not a Maven that starts (mvn: command of another kind); ")
