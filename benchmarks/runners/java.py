"""The Java and the Maven that build and run the app's code here: which are taken, and why others are not.

What is found first is not always fit: an old `java` on the path beside a good JAVA_HOME, an old JAVA_HOME beside a good
path, a Maven that runs on another Java. So each is asked for its version before it is taken.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.formats.errors import BenchmarkError

OLDEST_JAVA = 17
OLDEST_MAVEN = (3, 8)
ANSWER_S = 60.0
INSTALL_JDK = "install a JDK 17 or newer (Debian: openjdk-17-jdk-headless), or set JAVA_HOME to one"


class JavaError(BenchmarkError):
    """No Java, or no Maven, of this computer is fit to build the app."""


@dataclass(frozen=True, slots=True)
class Jdk:
    """A Java with its compiler; `home` is the folder that Java itself names."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        """The program that runs classes."""
        return self.home / "bin" / "java"

    @property
    def environment(self) -> dict[str, str]:
        """This process's variables, with this JDK first: for programs that look for Java themselves."""
        path = f"{self.home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "JAVA_HOME": str(self.home), "PATH": path}


def find_jdk() -> Jdk:
    """The JDK of JAVA_HOME, else that of the path; JavaError says what was found where, when neither is fit."""
    problems = []
    for program in _java_programs():
        jdk = _read_jdk(program)
        if isinstance(jdk, Jdk):
            return jdk
        problems.append(jdk)
    found = "; ".join(problems) or "java is not on the path, and JAVA_HOME is not set"
    raise JavaError(f"{found}; {INSTALL_JDK}")


def find_maven() -> tuple[Path, Jdk]:
    """Maven on the path and the JDK that it is to run on, by `Jdk.environment`; JavaError when either is not fit."""
    jdk = find_jdk()
    found = shutil.which("mvn")
    if found is None:
        raise JavaError("mvn is not on the path; install Maven 3.8 or newer (Debian: maven)")
    problem = _maven_problem(found, jdk)
    if problem is not None:
        raise JavaError(problem)
    return Path(found), jdk


def _java_programs() -> Iterator[Path]:
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    if home:
        yield Path(home, "bin", "java")
    if on_path:
        yield Path(on_path)


@cache
def _read_jdk(program: Path) -> Jdk | str:
    """What the program says of itself; why it is not fit, otherwise."""
    output = _output([str(program), "-XshowSettings:properties", "-version"])
    properties = dict(re.findall(r"^ +(java\.[a-z.]+) = (.+)$", output, re.MULTILINE))
    version, home = properties.get("java.version"), Path(properties.get("java.home", ""))
    if version is None:
        return f"{program} is not a Java that starts ({_first_line(output)})"
    if _major(version) < OLDEST_JAVA:
        return f"{program} is Java {version}"
    if not (home / "bin" / "javac").is_file():
        return f"{program} is Java {version} without its compiler javac"
    return Jdk(home, version)


@cache
def _maven_problem(program: str, jdk: Jdk) -> str | None:
    """Why this Maven is not fit, in one line with what to do; None for one that is."""
    output = _output([program, "-B", "-version"], jdk.environment)
    version = re.search(r"Apache Maven ((\d+)\.(\d+)\S*)", output)
    java = re.search(r"^Java version: ([^,\s]+).*?(?:runtime: (.+))?$", output, re.MULTILINE)
    if version is None or java is None:
        return f"{program} is not a Maven that starts ({_first_line(output)}); install Maven 3.8 or newer"
    if (int(version[2]), int(version[3])) < OLDEST_MAVEN:
        return f"{program} is Maven {version[1]}; install Maven 3.8 or newer"
    if _major(java[1]) < OLDEST_JAVA:
        return (
            f"{program} (Maven {version[1]}) runs on Java {java[1]} at {java[2]}, not on {jdk.home}; "
            "take JAVA_HOME out of ~/.mavenrc and /etc/mavenrc"
        )
    return None


def _output(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """All that the program prints, uncoloured; the system's own words when it does not start."""
    try:
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=ANSWER_S, check=False
        )
    except OSError as error:
        return error.strerror or str(error)
    except subprocess.TimeoutExpired:
        return "it does not answer"
    return re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout + ended.stderr)


def _major(version: str) -> int:
    """17 of `17.0.15`, 8 of `1.8.0_392`, 22 of `22-ea`; 0 of anything else."""
    found = re.match(r"(?:1\.)?(\d+)", version)
    return int(found[1]) if found else 0


def _first_line(output: str) -> str:
    return next((line.strip() for line in output.splitlines() if line.strip()), "it prints nothing")
