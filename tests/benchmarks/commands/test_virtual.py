"""`python -m benchmarks virtual` as a newcomer meets it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.__main__ import main
from benchmarks.adb.address import Address
from benchmarks.adb.direct import over_tcp
from benchmarks.adb.phone import AdbPhone


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    """Two phones in a process of their own, which ends with the test whatever happens."""
    options = ["--phones", "2", "--fault", "full-disk=10", "--app", "a.b"]
    command = [sys.executable, "-m", "benchmarks", "virtual", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_virtual_phones_run_until_ctrl_c(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    said = ""
    while said.count("adb connect") < 2 and (line := running.stdout.readline()):
        said += line
    found = re.findall(r"virtual-(\d)  (\S+)", said)
    assert len(found) == 2
    for number, text in found:
        address = Address.parse(text)
        with AdbPhone(over_tcp(address.host, address.port)) as phone:
            assert phone.check(["getprop", "ro.serialno"]) == f"virtual-{number}\n"
            assert phone.check(["pm", "list", "packages"]) == "package:a.b\npackage:app.handset\n"
            assert phone.check(["df", "/data"]).splitlines()[1].split()[3] == "0", "no block of 1024 bytes is free"
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 130


def test_an_unknown_fault_is_refused_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["virtual", "--fault", "flood"])
    assert caught.value.code == 2
    assert "'flood' is not a fault; give NAME or NAME=N with a name of: full-disk, unplug" in capsys.readouterr().err


def test_importing_the_command_line_imports_no_tensorflow() -> None:
    code = "import sys, benchmarks.__main__; print(sorted({'tensorflow', 'keras', 'usb1'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
