"""Real RSA keys on both sides: made once, kept secret, verified bit by bit."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.adb.direct import over_tcp
from benchmarks.adb.errors import UnauthorisedError
from benchmarks.adb.keys import Signer, load_keys, public_line
from benchmarks.adb.phone import AdbPhone
from benchmarks.virtual_phone.authority import Authority, PublicKey
from tests.benchmarks.conftest import Adb, Start


def fresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Signer:
    monkeypatch.setenv("ANDROID_USER_HOME", str(folder))
    return load_keys()[0]


def test_a_new_key_is_private_and_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fresh(tmp_path / ".android", monkeypatch)
    private = tmp_path / ".android/adbkey"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert public_line(load_keys()[0]) == public_line(first)
    (tmp_path / ".android/adbkey.pub").unlink()
    assert public_line(load_keys()[0]).split()[0] == public_line(first).split()[0], "derived again from the private one"


def test_many_who_need_a_key_at_once_get_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_USER_HOME", str(tmp_path / ".android"))
    with ThreadPoolExecutor(4) as pool:
        keys = [key for future in [pool.submit(load_keys) for _ in range(4)] for key in future.result()]
    token = bytes(range(20))
    assert len({key.Sign(token) for key in keys}) == 1
    assert sorted(path.name for path in (tmp_path / ".android").iterdir()) == ["adbkey", "adbkey.pub"]


BROKEN = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("content", ["", "not a key", BROKEN])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (tmp_path / "adbkey").write_text(content)
    monkeypatch.setenv("ANDROID_USER_HOME", str(tmp_path))
    with pytest.raises(UnauthorisedError, match="adbkey is not an adb key; move it away"):
        load_keys()


def test_only_the_right_signature_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = fresh(tmp_path / "one", monkeypatch), fresh(tmp_path / "two", monkeypatch)
    public = PublicKey.parse(public_line(key))
    assert public is not None
    token = Authority.token()
    signature = key.Sign(token)
    assert public.verifies(token, signature)
    assert not public.verifies(Authority.token(), signature)
    assert not public.verifies(token, other.Sign(token))
    for at in (0, 100, 255):
        assert not public.verifies(token, signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :])
    assert not public.verifies(token, b"")
    assert not public.verifies(token, b"\xff" * 256)


@pytest.mark.parametrize("line", ["", "AAAA", "not base64!", "AAAA user@host"])
def test_a_line_that_is_no_public_key_is_not_accepted(tmp_path: Path, line: str) -> None:
    authority = Authority(tmp_path / "keys")
    assert PublicKey.parse(line) is None
    assert not authority.accept(line)


def test_a_phone_remembers_the_keys_it_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = fresh(tmp_path / "one", monkeypatch)
    token = Authority.token()
    first = Authority(tmp_path / "keys")
    assert not first.knows(token, key.Sign(token))
    assert first.accept(public_line(key))
    assert Authority(tmp_path / "keys").knows(token, key.Sign(token))
    assert not Authority(tmp_path / "keys", refuses=True).knows(token, key.Sign(token))


def test_a_second_key_is_tried_before_the_user_is_asked(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    virtual = start()
    known = load_keys()[0]
    unknown = fresh(tmp_path / "new", monkeypatch)
    with AdbPhone(over_tcp("127.0.0.1", virtual.port, [unknown, known])) as phone:
        assert phone.check(["whoami"]) == "shell\n"
    assert not list(tmp_path.glob("*.keys")), "no key was offered"


def test_the_kit_and_adb_share_one_key(adb_on_path: Adb, start: Start) -> None:
    virtual = start(known=False)
    with AdbPhone(over_tcp("127.0.0.1", virtual.port)) as phone:
        phone.check(["true"])
    assert adb_on_path("connect", virtual.address).stdout.startswith("connected to")
    adb_on_path("disconnect", virtual.address)
