"""What a phone answers, as a persona: nothing in it says whose phone it is, and a virtual phone can take it."""

import zipfile
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.adb import candidates
from benchmarks.phones.app import PACKAGE
from benchmarks.phones.phone_report import read_report, to_toml, write_report
from benchmarks.phones.redaction import Secrets, redact_properties, redactor
from benchmarks.phones.vitals import QUESTIONS, read_vitals
from benchmarks.virtual_phone.persona import Persona, PropertyGroup, Reply, read
from benchmarks.virtual_phone.state import App
from tests.benchmarks.conftest import Attach, Start

PLANTED = {
    "serial": "R5CT10ABCDE",
    "name": "Anna's Galaxy",
    "owner": "Anna Kowalska",
    "account": "anna.kowalska@example.org",
    "network": "Kowalski Home 5G",
    "wifi address": "a4:50:46:12:34:56",
    "address": "192.168.178.41",
    "v6 address": "fd00:1234:5678:9abc:def0:1234:5678:9abc",
    "short v6 address": "2001:db8::8a2e",
    "compact address": "A45046123456",
    "host name": "ANNA'S GALAXY",
    "phone number": "+49 151 23456789",
    "imei": "356938035643809",
    "android id": "9774d56d682e549c",
    "app": "org.example.secretbank",
    "activity": "LoginActivity",
    "lock screen": "If found call Anna",
}
EVERYTHING = "\n".join(f"  a line with {what}: {text} in it" for what, text in PLANTED.items() if what != "activity")
COMPONENT = f"  mCurrentFocus=Window{{1a2b3c u0 {PLANTED['app']}/de.another.{PLANTED['activity']}}}"


def careless_phone() -> Persona:
    """A phone that prints every secret in every answer, and names them where the kit may ask."""
    answers = {
        "settings get global device_name": PLANTED["name"],
        "settings get secure bluetooth_name": PLANTED["name"],
        "settings get secure bluetooth_address": PLANTED["wifi address"].upper(),
        "settings get secure android_id": PLANTED["android id"],
        "settings get secure lock_screen_owner_info": PLANTED["lock screen"],
        "pm list users": f"Users:\n\tUserInfo{{0:{PLANTED['owner']}:4c13}} running\n",
        "cmd wifi status": f'Wifi is connected to "{PLANTED["network"]}"\nWifiInfo: SSID: "{PLANTED["network"]}"',
        "pm list packages -3 .*": f"package:{PLANTED['app']}\npackage:{PACKAGE}\n",
        "dumpsys trust": f' User "{PLANTED["owner"]}" (id=0, flags=0x4c13) (current): deviceLocked=0\n{EVERYTHING}\n',
        "dumpsys power": f"  mWakefulness=Awake\n  mSettingBatterySaverEnabled=false\n{EVERYTHING}\n{COMPONENT}\n",
        "dumpsys window": f"  isKeyguardShowing=false\n{EVERYTHING}\n{COMPONENT}\n",
        "dumpsys thermalservice": f"Thermal Status: 0\n{EVERYTHING}\n",
        "dumpsys activity exit-info .*": f"  process={PACKAGE} reason=4\n{EVERYTHING}\n",
    }
    properties = {
        "ro.product.manufacturer": "samsung",
        "ro.product.model": "SM-A525F",
        "ro.boot.serialno": PLANTED["serial"],
        "ro.build.fingerprint": f"samsung/a52q/a52q:13/TP1A/{PLANTED['serial']}:user/release-keys",
        "ril.serialnumber": PLANTED["serial"],
        "net.hostname": PLANTED["name"],
        "ro.boot.wifimacaddr": PLANTED["wifi address"],
        "gsm.operator.alpha": PLANTED["network"],
        "persist.radio.imei": PLANTED["imei"],
        "persist.sys.owner": PLANTED["owner"],
    }
    replies = tuple(Reply(command=command, stdout=text, source="planted") for command, text in answers.items())
    return Persona(title="x", properties=(PropertyGroup(values=properties, source="planted"),), replies=replies)


def test_no_planted_secret_is_in_a_report(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start(serial=PLANTED["serial"], persona=careless_phone(), app=App(PACKAGE)))
    report = tmp_path / "report.zip"
    write_report(read_report(phone), report)
    with zipfile.ZipFile(report) as archive:
        (name,) = archive.namelist()
        text = archive.read(name).decode("utf-8")
    found = {what: secret for what, secret in PLANTED.items() if secret.lower() in text.lower()}
    assert found == {}
    assert phone.serial not in text
    for kept in ("SM-A525F", "samsung", "isKeyguardShowing=false", "Thermal Status: 0", "samsung/a52q/a52q:13/TP1A/"):
        assert kept in text, "what the report is for"


def test_no_app_is_in_a_report_of_a_phone_that_does_not_list_its_apps(start: Start, attach: Attach) -> None:
    careless = careless_phone()
    refused = Reply(
        command="pm list packages -3.*", stderr="java.lang.SecurityException: no", exit_code=255, source="x"
    )
    virtual = start(persona=Persona(title="x", properties=careless.properties, replies=(refused, *careless.replies)))
    text = to_toml(read_report(attach(virtual)))
    assert PLANTED["app"] not in text
    assert PLANTED["activity"] not in text
    assert "process=app.handset" in text
    assert "u0 <app>}" in text


def test_a_report_has_every_question_and_is_a_persona(start: Start, attach: Attach, tmp_path: Path) -> None:
    phone = attach(start(persona=careless_phone(), app=App(PACKAGE)))
    path = tmp_path / "report.zip"
    write_report(read_report(phone), path)
    persona = read(path)
    assert persona.title == "samsung SM-A525F, Android 14"
    assert len(persona.replies) == len(QUESTIONS) - 1, "properties are beside them"
    assert len(persona.other_answers) == 5
    again = read_vitals(attach(start(serial="virtual-2", persona=persona, app=App(PACKAGE))))
    assert again.facts.model == "SM-A525F"
    assert again.facts.is_virtual, "whatever its report says"
    assert (again.thermal_status, again.locked, again.awake, again.refused) == (0, False, True, ())


def test_what_a_phone_printed_comes_back_as_it_was() -> None:
    odd = (
        "",
        "one line",
        "two\nlines\n",
        "\n\nleading",
        "it's '''quoted'''\n",
        'a "b" \\ c\n',
        "ä 漢 😀\n",
        "\x1b[1m\x7f\r\n",
    )
    for text in odd:
        persona = Persona(title="x", replies=(Reply(command="c", stdout=text, source="s"),))
        assert parsed(persona).replies[0].stdout == text


def parsed(persona: Persona) -> Persona:
    import tomllib

    from benchmarks.formats.declared import convert

    return convert(tomllib.loads(to_toml(persona)), Persona, "x", ValueError, "y")


def test_a_default_name_that_is_the_model_stays() -> None:
    redact = redactor(Secrets(names=["Pixel 7", "Al"]), kept=["Pixel 7"])
    assert redact("Pixel 7 of Al, also Alone") == "Pixel 7 of <name>, also Alone"


def test_only_harmless_properties_keep_their_values() -> None:
    shown = redact_properties(
        {"ro.product.model": "M", "gsm.operator.alpha": "O", "ro.serialno": "S"}, lambda text: text
    )
    assert shown == {"ro.product.model": "M", "gsm.operator.alpha": "<replaced>", "ro.serialno": "<replaced>"}


def test_numbers_that_are_no_ones_stay() -> None:
    text = "level: 87\ntemperature: 290\n1738316700.000\n2025-01-31 09:45:00.000\nversion 1.2.3.4.5\nmValue=29.3\n"
    assert redactor(Secrets())(text) == text


def test_the_command_writes_a_report_and_says_to_look_through_it(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(candidates, "_seen_on_usb", lambda: ([], None))
    one, two = start(serial="virtual-1"), start(serial="virtual-2")
    path = tmp_path / "report.zip"
    command = ["phone-report", "--tcp", one.address, "--tcp", two.address, "--out", str(path)]
    assert main(command) == 2
    assert "2 phones are attached" in capsys.readouterr().err
    assert not path.exists()
    assert main([*command, "-s", "virtual-2"]) == 0
    assert "look through it before you attach it" in capsys.readouterr().out
    assert read(path).title == "Handset Virtual phone, Android 14"
    assert main([*command, "-s", "virtual-1", "-s", "virtual-2"]) == 2
