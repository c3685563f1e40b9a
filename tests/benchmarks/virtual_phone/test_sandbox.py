"""Nothing a host asks for leads out of a virtual phone's folder, and nothing but its own commands is run."""

import os
import posixpath
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import AdbError, NotAllowedError, ServiceRefusedError
from benchmarks.adb.stream import Conversation
from benchmarks.adb.sync_protocol import REQUEST, Id, with_length
from benchmarks.virtual_phone.commandline import TABLE
from benchmarks.virtual_phone.daemon import VirtualPhone
from benchmarks.virtual_phone.sandbox import Sandbox
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import APP, Adb, Attach, Start

FOLDER = "/data/local/tmp"
ESCAPES = (
    "/data/local/tmp/../../../../{outside}",
    "../../../../../../../..{outside}",
    "{outside}",
    "//{outside}",
    "/data/local/tmp/link",
    "/data/local/tmp/folder-link/outside.txt",
    "/sdcard/../..{outside}",
    "/storage/emulated/0/../../../../../..{outside}",
)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the phone's folder that no host may read or change."""
    path = tmp_path / "outside.txt"
    path.write_text("secret")
    return path


def with_links(root: Path, outside: Path) -> None:
    """Links that somebody put into the phone's folder from this machine."""
    (root / "data/local/tmp/link").symlink_to(outside)
    (root / "data/local/tmp/folder-link").symlink_to(outside.parent)


def pull_is_refused(virtual: VirtualPhone, path: str) -> bool:
    """Whether the sync service answers a request for the file with FAIL."""
    transport = over_tcp("127.0.0.1", virtual.port)
    with closing(transport), Conversation(transport.open("sync:"), "pull") as conversation:
        conversation.send(with_length(Id.RECV, path.encode()))
        identity, _ = REQUEST.unpack(conversation.exactly(REQUEST.size))
        return bool(identity == Id.FAIL)


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_path_reads_or_writes_outside(start: Start, attach: Attach, escape: str, outside: Path) -> None:
    virtual = start()
    with_links(virtual.state.root, outside)
    phone = attach(virtual)
    path = escape.format(outside=outside)
    with pytest.raises(AdbError):
        phone.read(path)
    assert pull_is_refused(virtual, path)
    with pytest.raises(AdbError):
        phone.push(b"changed", path)
    for args in (["rm", "-rf", path], ["mv", path, f"{FOLDER}/moved"], ["cp", path, f"{FOLDER}/copy"], ["touch", path]):
        phone.shell(args)
    phone.shell(["sh", "-c", f"echo changed > {path}"])
    assert "secret" not in phone.shell(["cat", f"{FOLDER}/copy"]).stdout
    assert outside.read_text() == "secret"


def test_a_real_adb_cannot_leave_either(adb: Adb, start: Start, outside: Path, tmp_path: Path) -> None:
    virtual = start()
    with_links(virtual.state.root, outside)
    adb("connect", virtual.address)
    for escape in ESCAPES:
        path = escape.format(outside=outside)
        adb("pull", path, tmp_path / "stolen", phone=virtual)
        adb("push", __file__, path, phone=virtual)
    assert not (tmp_path / "stolen").exists()
    assert outside.read_text() == "secret"


def test_a_phone_makes_no_links(start: Start, attach: Attach, outside: Path) -> None:
    from io import BytesIO

    from benchmarks.adb.sync import SyncSession

    virtual = start()
    transport = over_tcp("127.0.0.1", virtual.port)
    with pytest.raises(NotAllowedError), SyncSession(transport) as session:
        session.push(BytesIO(bytes(outside)), f"{FOLDER}/link", 3, 0o120777)
    transport.close()
    assert not list(virtual.state.root.rglob("link"))
    assert attach(virtual).shell(["ln", "-s", str(outside), f"{FOLDER}/link"]).exit_code == 127


PARTS = st.sampled_from(["..", ".", "", "data", "local", "tmp", "sdcard", "x", "storage", "emulated", "0", "...", " "])


@given(st.lists(PARTS, max_size=12), st.booleans(), st.sampled_from([None, APP]))
def test_any_path_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], absolute: bool, package: str | None
) -> None:
    sandbox = Sandbox(tmp_path_factory.getbasetemp() / "sandbox")
    path = ("/" if absolute else "") + "/".join(parts)
    try:
        place = sandbox.locate(path, package, write=True)
    except OSError:
        return
    assert place.is_relative_to(sandbox.root)
    assert ".." not in place.parts
    shown = "/" + posixpath.relpath(place, sandbox.root)
    assert any(f"{shown}/".startswith(f"{folder}/") for folder in (FOLDER, "/sdcard", f"/data/data/{APP}"))


def test_an_apps_folder_opens_only_to_that_app(start: Start, attach: Attach) -> None:
    virtual = start()
    virtual.state.add(App("org.example.release", debuggable=False))
    phone = attach(virtual)
    phone.check(["run-as", APP, "sh", "-c", "echo mine > files/note"])
    assert phone.read("files/note", run_as=APP) == b"mine\n"
    with pytest.raises(NotAllowedError):
        phone.read(f"/data/data/{APP}/files/note")
    with pytest.raises(AdbError, match="not debuggable"):
        phone.read("files/note", run_as="org.example.release")
    with pytest.raises(AdbError, match="unknown package"):
        phone.read("files/note", run_as="org.absent")
    assert phone.shell(["run-as", APP, "cat", "/data/data/org.example.release/files/note"]).exit_code == 1
    phone.push(b"model", f"{FOLDER}/model")
    assert phone.check(["run-as", APP, "cat", f"{FOLDER}/model"]) == "model", "apps read what the shell pushed"


def test_no_program_of_this_machine_runs(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start())
    ran = tmp_path / "ran"
    for line in (f"/bin/touch {ran}", f"sh -c '/bin/touch {ran}'", f"python3 -c 1; echo > {ran}"):
        phone.shell(["sh", "-c", line])
    assert not ran.exists()
    assert phone.shell([f"/system/bin/{next(iter(TABLE))}", "/nowhere"]).exit_code == 1


@pytest.mark.parametrize(
    "service", ["root:", "tcp:22", "local:/tmp/x", "jdwp:1", "remount:", "tcpip:5555", "", "dev:/dev/null"]
)
def test_no_other_service_is_offered(start: Start, service: str) -> None:
    transport = over_tcp("127.0.0.1", start().port)
    with pytest.raises(ServiceRefusedError):
        transport.open(service)
    transport.close()


def test_a_phone_listens_on_loopback_only(start: Start) -> None:
    virtual = start()
    assert virtual.address == f"127.0.0.1:{virtual.port}"
    assert virtual._listener.getsockname()[0] == "127.0.0.1"


def test_errors_never_show_this_machines_paths(start: Start, attach: Attach) -> None:
    virtual = start()
    phone = attach(virtual)
    for args in (
        ["cat", "/nowhere"],
        ["ls", "/nowhere"],
        ["rm", "/data/local/tmp/x"],
        ["mkdir", "/data/local/tmp/a/b"],
    ):
        result = phone.shell(args)
        assert result.exit_code == 1
        assert os.fspath(virtual.state.root) not in result.stdout + result.stderr
        assert args[-1] in result.stderr
