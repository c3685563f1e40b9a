"""An unknown option or word is refused in one line, which names the help of the command that does not know it."""

import shlex
from collections.abc import Callable

import pytest

import benchmarks.__main__
import export.__main__
import export.teach
import metadata.__main__

MAINS: dict[str, Callable[[list[str]], int]] = {
    "python -m metadata": metadata.__main__.main,
    "python -m benchmarks": benchmarks.__main__.main,
    "python -m export": export.__main__.main,
    "python -m export.teach": export.teach.main,
}


def run(command: str) -> int:
    """What `command` exits with."""
    program = next(name for name in reversed(MAINS) if command.split()[:3] == name.split())
    with pytest.raises(SystemExit) as stopped:
        MAINS[program](shlex.split(command)[3:])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


@pytest.mark.parametrize(
    ("command", "words", "unknown"),
    [
        ("python -m metadata", "--bogus show model.tflite", "--bogus"),
        ("python -m metadata show", "model.tflite --bogus", "--bogus"),
        ("python -m metadata check", "--bogus model.tflite --json -x", "--bogus -x"),
        ("python -m benchmarks", "--bogus run", "--bogus"),
        ("python -m benchmarks run", "--bogus", "--bogus"),
        ("python -m benchmarks explain", "run word", "word"),
        ("python -m benchmarks report", "--bogus=3", "--bogus=3"),
        ("python -m export", "digits_mlp --bogus", "--bogus"),
        ("python -m export model.keras", "--bogus", "--bogus"),
        ("python -m export.teach", "photos --name pets --bogus", "--bogus"),
    ],
)
def test_an_unknown_option_points_at_the_help_of_its_own_command(
    command: str, words: str, unknown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"{command} {words}") == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"{command}: unrecognized arguments: {unknown}; see {command} --help\n")
    assert run(f"{command} --help") == 0
    assert capsys.readouterr().out.startswith(f"usage: {command} [-h]")
