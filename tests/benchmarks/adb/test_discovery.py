"""Which phones there are, which one is meant, and what is said when it cannot be told."""

import pytest

from benchmarks.adb import candidates
from benchmarks.adb.address import Address
from benchmarks.adb.candidates import Candidate, SearchPlaces
from benchmarks.adb.carrier import TcpCarrier
from benchmarks.adb.direct import DirectTransport, over_tcp
from benchmarks.adb.discovery import Found, choose, merge, serials_from, survey
from benchmarks.adb.errors import (
    AdbError,
    AdbServerError,
    NoPhoneError,
    OfflineError,
    SeveralPhonesError,
    UnauthorisedError,
)
from benchmarks.adb.facts import facts_of, parse_battery, parse_properties
from benchmarks.adb.phone import AdbPhone
from benchmarks.adb.server import AdbServer
from benchmarks.formats.run_file import Battery
from benchmarks.virtual_phone.daemon import VirtualPhone
from tests.benchmarks.conftest import Adb, Start, forget, free_port


def tcp(*phones: VirtualPhone) -> tuple[Address, ...]:
    return tuple(Address.parse(phone.address) for phone in phones)


@pytest.fixture(autouse=True)
def no_usb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone that happens to be plugged into this machine is none of these tests' business."""
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))


def test_the_only_phone_is_the_one_that_is_meant(start: Start) -> None:
    virtual = start()
    (found,) = choose(SearchPlaces(tcp=tcp(virtual)))
    with found.phone:
        assert (found.key, found.facts.model, found.facts.is_virtual) == ("virtual-1", "Virtual phone", True)
        assert found.facts.battery == Battery(87, 29.0)


def test_two_phones_and_no_serial_ask_for_one(start: Start) -> None:
    one, two = start(serial="virtual-1"), start(serial="virtual-2")
    with pytest.raises(SeveralPhonesError, match=r"^2 phones are attached \(.*, .*\); choose one with --serial$"):
        choose(SearchPlaces(tcp=tcp(one, two)))
    (found,) = choose(SearchPlaces(tcp=tcp(one, two), serials=(two.address,)))
    found.phone.close()
    assert found.key == "virtual-2"


def test_a_phone_is_known_by_its_own_number_too(start: Start) -> None:
    one, two = start(serial="virtual-1"), start(serial="virtual-2")
    (found,) = choose(SearchPlaces(tcp=tcp(one, two), serials=("virtual-2",)))
    found.phone.close()
    assert found.phone.serial == two.address
    with pytest.raises(NoPhoneError, match="phone virtual-3 is not attached"):
        choose(SearchPlaces(tcp=tcp(one, two), serials=("virtual-3",)))


def test_a_serial_that_is_not_there_is_named() -> None:
    with pytest.raises(NoPhoneError, match=r"^phone R58 is not attached; plug it in, or name one that"):
        choose(SearchPlaces(serials=("R58",)))


def test_no_phone_at_all_offers_the_virtual_one() -> None:
    with pytest.raises(NoPhoneError, match=r"^no phone is attached; plug one in .* or choose DEVICE=virtual"):
        choose(SearchPlaces())


def test_the_environment_names_a_phone_and_the_option_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert serials_from([]) == ()
    monkeypatch.setenv("ANDROID_SERIAL", "from-environment")
    assert serials_from([]) == ("from-environment",)
    assert serials_from(["from-option", "from-option", "another"]) == ("from-option", "another")


def test_several_phones_can_be_named_and_each_has_to_be_there(start: Start) -> None:
    phones = [start(serial=f"virtual-{number}") for number in (1, 2, 3)]
    named = (phones[0].address, "virtual-3")
    found = choose(SearchPlaces(tcp=tcp(*phones), serials=named))
    for one in found:
        one.phone.close()
    assert [one.key for one in found] == ["virtual-1", "virtual-3"]
    with pytest.raises(NoPhoneError, match="phone R58 is not attached"):
        choose(SearchPlaces(tcp=tcp(*phones), serials=(*named, "R58")))
    seen = survey(SearchPlaces(tcp=tcp(*phones), serials=(*named, "R58")))
    seen.close()
    assert [one.key for one in seen.found] == ["virtual-1", "virtual-3"]
    assert [(one.serial, one.attached_by) for one in seen.unusable] == [("R58", ())]


def test_a_phone_that_cannot_be_used_is_told_with_its_reason() -> None:
    with pytest.raises(OfflineError, match="does not accept a connection"):
        choose(SearchPlaces(tcp=(Address("127.0.0.1", free_port()),)))


def test_the_running_server_is_asked_first(adb_on_path: Adb, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    virtual, refusing = start(serial="virtual-1"), start("unauthorised", serial="virtual-2")
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_on_path.address.port))
    adb_on_path("connect", virtual.address)
    adb_on_path("connect", refusing.address)
    seen = survey(SearchPlaces())
    seen.close()
    assert [(one.key, one.phone.route) for one in seen.found] == [("virtual-1", "server")]
    problems = {one.serial: one.problem for one in seen.unusable}
    assert isinstance(problems[refusing.address], UnauthorisedError)
    for phone in (virtual, refusing):
        forget(adb_on_path.server, Address.parse(phone.address))


def test_one_phone_seen_in_two_ways_counts_once(adb_on_path: Adb, start: Start) -> None:
    virtual = start()
    adb_on_path("connect", virtual.address)
    seen = survey(SearchPlaces(servers=(adb_on_path.address,), tcp=tcp(virtual)))
    seen.close()
    (one,) = seen.found
    assert set(one.attached_by) == {"tcp", f"server {adb_on_path.address}"}
    forget(adb_on_path.server, Address.parse(virtual.address))


def test_the_kit_neither_ends_nor_starts_a_server(adb_on_path: Adb) -> None:
    before = adb_on_path.server.version()
    survey(SearchPlaces(servers=(adb_on_path.address,))).close()
    assert adb_on_path.server.version() == before
    absent = Address("127.0.0.1", free_port())
    with pytest.raises(AdbServerError, match="no adb server answers at"):
        survey(SearchPlaces(servers=(absent,)))
    with pytest.raises(AdbServerError):
        AdbServer(absent).version()


def seen_as(serial: str, serialno: str | None, on_usb: bool) -> tuple[Candidate, Found]:
    phone = AdbPhone(DirectTransport(serial, "tcp", lambda: TcpCarrier.to("127.0.0.1", 1, 1.0)))
    properties = {} if serialno is None else {"ro.serialno": serialno}
    found = Found(phone, facts_of(properties, Battery(None, None)), (serial,))
    return Candidate(serial, serial, on_usb, lambda: over_tcp("127.0.0.1", 1)), found


def test_usb_and_wifi_of_one_phone_are_one_and_two_on_usb_are_two() -> None:
    usb, wifi = seen_as("R58", "R58", on_usb=True), seen_as("192.168.1.5:5555", "R58", on_usb=False)
    (one,) = merge([usb, wifi])
    assert one.attached_by == ("R58", "192.168.1.5:5555")
    careless = [seen_as("usb-1", "0123456789ABCDEF", on_usb=True), seen_as("usb-2", "0123456789ABCDEF", on_usb=True)]
    assert len(merge(careless)) == 2
    emulators = [seen_as("emulator-5554", "EMULATOR34X", on_usb=False), seen_as("emulator-5556", "EMULATOR34X", False)]
    assert len(merge(emulators)) == 2
    unknown = [seen_as("tcp-1", None, on_usb=False), seen_as("tcp-2", None, on_usb=False)]
    assert len(merge(unknown)) == 2


@pytest.mark.parametrize("text", ["", "host", ":5037", "host:", "host:0", "host:65536", "host:x"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(AdbError, match="is not host:port"):
        Address.parse(text)


def test_addresses_are_read_and_written_alike() -> None:
    assert str(Address.parse("192.168.1.5:5037")) == "192.168.1.5:5037"
    assert Address.parse("[::1]:5037") == Address("::1", 5037)
    assert str(Address("::1", 5037)) == "[::1]:5037"


def test_facts_come_from_what_phones_say() -> None:
    properties = parse_properties(
        "[ro.serialno]: [R58]\n[ro.product.model]: [SM-G991B]\n[ro.build.version.sdk]: [30]\n[odd]: [two\nlines]\n"
        "[ro.product.cpu.abilist]: [arm64-v8a,armeabi-v7a]\n[ro.board.platform]: [exynos2100]\n[empty]: []\n"
    )
    assert properties["odd"] == "two\nlines"
    facts = facts_of(properties, parse_battery("  level: 45\n  scale: 50\n  temperature: 312\n"))
    assert (facts.soc, facts.sdk, facts.abis) == ("exynos2100", 30, ("arm64-v8a", "armeabi-v7a"))
    assert facts.battery == Battery(90, 31.2)
    assert facts_of({}, parse_battery("")).battery == Battery(None, None)
    newer = facts_of(
        {"ro.soc.manufacturer": "Google", "ro.soc.model": "Tensor", "ro.hardware": "x"}, Battery(None, None)
    )
    assert (newer.soc, newer.abis) == ("Google Tensor", ())
