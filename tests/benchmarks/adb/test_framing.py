"""Packets, shell packets, command lines and manifests: whatever goes in comes out, and rubbish is refused in words."""

import string
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.adb.errors import ConnectionLostError, ProtocolError
from benchmarks.adb.packet import HEADER, MAX_PAYLOAD_BYTES, Command, Packet, PacketStream, decode_header, encode_header
from benchmarks.adb.shell import Channel, lines, quote
from benchmarks.adb.sync_protocol import STAT_V2, FileInfo, pack_stat_v2
from benchmarks.virtual_phone.apk import Apk, InvalidApkError, read_apk
from benchmarks.virtual_phone.commandline import ShellSyntaxError, parse
from tests.benchmarks.apks import STRING, binary_manifest, build_apk

U32 = st.integers(0, 2**32 - 1)


class Memory:
    """A carrier that gives back what was written to it; its end is the end of the stream."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)

    def wait_at_most(self, timeout_s: float | None) -> None:
        """Never has to wait."""

    def read_exactly(self, size_bytes: int) -> bytearray:
        if len(self.data) < size_bytes:
            raise ConnectionLostError("the end")
        data, self.data = self.data[:size_bytes], self.data[size_bytes:]
        return data

    def write_all(self, header: bytes, payload: bytes | bytearray | memoryview) -> None:
        self.data += header
        self.data += payload

    def close(self) -> None:
        """Has nothing to close."""


@given(st.sampled_from(Command), U32, U32, st.binary(max_size=4096), st.booleans())
def test_a_packet_survives_the_wire(command: Command, arg0: int, arg1: int, payload: bytes, checked: bool) -> None:
    packets = PacketStream(Memory())
    packets.checked = checked
    packets.write(Packet(command, arg0, arg1, payload))
    back = packets.read()
    assert (back.command, back.arg0, back.arg1, bytes(back.payload)) == (command, arg0, arg1, payload)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_packet_are_refused_in_words(data: bytes) -> None:
    packets = PacketStream(Memory(data))
    with pytest.raises((ProtocolError, ConnectionLostError)):
        for _ in range(20):
            packets.read()


@given(st.binary(min_size=1, max_size=100), st.integers(0, 99), st.integers(1, 255))
def test_a_damaged_payload_is_noticed(payload: bytes, at: int, change: int) -> None:
    memory = Memory()
    packets = PacketStream(memory)
    packets.write(Packet(Command.WRTE, 1, 2, payload))
    memory.data[HEADER.size + at % len(payload)] ^= change
    with pytest.raises(ProtocolError, match="damaged"):
        packets.read()


def test_a_packet_that_is_too_long_is_refused_before_it_is_read() -> None:
    header = encode_header(Packet(Command.WRTE, 1, 2, bytes(MAX_PAYLOAD_BYTES + 1)), checked=False)
    with pytest.raises(ProtocolError, match="1048577 bytes is too long; 1048576 are allowed"):
        decode_header(header)


@given(U32, U32, st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_stat_survives(error: int, mode: int, size_bytes: int, mtime_s: int) -> None:
    data = pack_stat_v2(FileInfo(mode, size_bytes, mtime_s), error)
    assert len(data) == STAT_V2.size == 68
    found = STAT_V2.unpack(data)
    assert (found[0], found[3], found[7], found[9]) == (error, mode, size_bytes, mtime_s)


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=5))
@example(["$?"])
@example(["a'b", '"', "\\", ">", "2>&1"])
def test_quoted_arguments_are_taken_apart_unchanged(args: list[str]) -> None:
    (command,) = parse(quote(["echo", *args]))
    assert command.words == ("echo", *args)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'echo "a\\" b', ["echo", "a\\", "b"]),
        (r'echo "a\"b" "\$x" "\n"', ["echo", 'a"b', "$x", r"\n"]),
        (r"echo a\ b'c'\'\"d\"", ["echo", 'a bc\'"d"']),
        ("echo ''", ["echo", ""]),
        ("echo x2 a2b", ["echo", "x2", "a2b"]),
        ("getprop 'a;b' \"c>d\"", ["getprop", "a;b", "c>d"]),
        ("echo a#b \u00a0c", ["echo", "a#b", "\u00a0c"]),
    ],
)
def test_quotes_are_read_as_a_shell_reads_them(line: str, words: list[str]) -> None:
    (command,) = parse(line)
    assert command.words == tuple(words)


def test_operators_join_and_redirect() -> None:
    commands = list(parse("a x2>f && b 2>&1 || c > g 2>/dev/null; d\ne"))
    assert [(c.joined_by, c.words, c.output, c.errors) for c in commands] == [
        (";", ("a", "x2"), "f", None),
        ("&&", ("b",), None, "&1"),
        ("||", ("c",), "g", "/dev/null"),
        (";", ("d",), None, None),
        ("\n", ("e",), None, None),
    ]


@given(st.text(string.printable, max_size=60))
def test_any_line_is_understood_or_refused_by_name(line: str) -> None:
    try:
        for command in parse(line):
            assert command.words
    except ShellSyntaxError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "line", ["ls | sh", "ls &", "$(id)", "`id`", "cat < /etc/passwd", "rm *", '"$HOME"', "a 'b", "&& ls"]
)
def test_what_a_real_shell_would_do_and_this_one_does_not_is_refused(line: str) -> None:
    with pytest.raises(ShellSyntaxError):
        list(parse(line))


@given(st.lists(st.tuples(st.sampled_from([Channel.STDOUT, Channel.STDERR]), st.binary(max_size=20)), max_size=20))
def test_lines_are_whole_however_they_were_cut(chunks: list[tuple[Channel, bytes]]) -> None:
    found = list(lines(iter([*chunks, (Channel.EXIT, b"\0")])))
    assert not any("\n" in line for line in found)
    for channel in (Channel.STDOUT, Channel.STDERR):
        text = b"".join(data for where, data in chunks if where is channel)
        expected = [line.rstrip(b"\r").decode(errors="replace") for line in text.split(b"\n")]
        assert all(line in found for line in expected[:-1])


def test_lines_keep_their_order_and_an_unfinished_one_comes_last() -> None:
    chunks = [(Channel.STDOUT, b"one\ntw"), (Channel.STDERR, b"warning\n"), (Channel.STDOUT, b"o\r\nthr")]
    assert list(lines(iter([*chunks, (Channel.EXIT, b"\0")]))) == ["one", "warning", "two", "thr"]


@pytest.mark.parametrize("abis", [(), ("x86_64",), ("arm64-v8a", "armeabi-v7a")])
def test_an_apk_is_read_as_it_was_written(tmp_path: Path, abis: tuple[str, ...]) -> None:
    path = build_apk(tmp_path / "app.apk", "org.example.some_app", 42, abis, debuggable=False)
    assert read_apk(path) == Apk("org.example.some_app", 42, debuggable=False, abis=frozenset(abis))


def test_both_string_encodings_of_a_manifest_are_read(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "app.apk"
    with zipfile.ZipFile(path, "w") as archive:
        manifest = binary_manifest([("manifest", [("package", STRING, "org.example.wide")])], utf8=False)
        archive.writestr("AndroidManifest.xml", manifest)
    assert read_apk(path).package == "org.example.wide"


@given(st.binary(max_size=300))
def test_a_file_that_is_no_apk_gets_androids_own_code(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("apk") / "app.apk"
    path.write_bytes(data)
    with pytest.raises(InvalidApkError, match=r"^INSTALL_PARSE_FAILED_NOT_APK$"):
        read_apk(path)


@given(st.data())
def test_a_damaged_manifest_is_refused_or_read_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    import zipfile

    manifest = bytearray(binary_manifest([("manifest", [("package", STRING, "org.example.app")])]))
    for _ in range(data.draw(st.integers(1, 4))):
        manifest[data.draw(st.integers(0, len(manifest) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("apk") / "app.apk"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("AndroidManifest.xml", bytes(manifest))
    try:
        assert isinstance(read_apk(path), Apk)
    except InvalidApkError as error:
        assert str(error).startswith("INSTALL_PARSE_FAILED_")
