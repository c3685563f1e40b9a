"""`pm` and `cmd package` on a virtual phone: what is installed, and the three ways to install an APK."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.virtual_phone.apk import InvalidApkError, read_apk
from benchmarks.virtual_phone.console import Command, Console
from benchmarks.virtual_phone.faults import Fault
from benchmarks.virtual_phone.state import App

VALUE_FLAGS = ("-S", "-i", "--abi", "--install-location", "--dont-kill")


def manage(console: Console, args: list[str]) -> int:
    """`pm …`, which is also `cmd package …`."""
    verb, *rest = args or [""]
    table: dict[str, Command] = {"install": install, "list": listing, "path": path, "uninstall": uninstall}
    if verb not in table:
        console.complain(f"Unknown command: {verb}")
        return 255
    return table[verb](console, rest)


def cmd(console: Console, args: list[str]) -> int:
    """`cmd package …`; no other service is here."""
    if args[:1] != ["package"]:
        console.complain(f"cmd: Can't find service: {' '.join(args[:1])}")
        return 20
    return manage(console, args[1:])


def install(console: Console, args: list[str]) -> int:
    """`install [flags] PATH`, or `-S SIZE` with the APK on standard input."""
    user, args = _for_user(args)
    size, operands = None, []
    rest = iter(args)
    for arg in rest:
        if arg in VALUE_FLAGS:
            value = next(rest, "")
            size = int(value) if arg == "-S" and value.isdecimal() else size
        elif not arg.startswith("-") or arg == "-":
            operands.append(arg)
    folder = console.phone.sandbox.root / "data/app"
    descriptor, name = tempfile.mkstemp(suffix=".apk.part", dir=folder)
    os.close(descriptor)
    part = Path(name)
    try:
        blocks = _from_file(console, operands[0]) if size is None and operands else _from_input(console, size or 0)
        refusal = _receive(console, blocks, part) or _install(console, part, user)
    except InvalidApkError as error:
        refusal = f"{error}: Failed to parse the APK"
    finally:
        part.unlink(missing_ok=True)
    console.say("Success" if refusal is None else f"Failure [{refusal}]")
    return 0 if refusal is None else 1


def _from_input(console: Console, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0 and (data := console.read()):
        yield data[:size_bytes]
        size_bytes -= len(data)


def _from_file(console: Console, path: str) -> Iterator[bytes]:
    with console.locate(path).open("rb") as file:
        while data := file.read(1 << 20):
            yield data


def _receive(console: Console, blocks: Iterator[bytes], part: Path) -> str | None:
    if console.phone.faults.number(Fault.REFUSED_INSTALL) is not None:
        return "INSTALL_FAILED_USER_RESTRICTED: Install canceled by user"
    try:
        with console.phone.sandbox.writing(part) as file:
            for block in blocks:
                file.write(block)
    except OSError as error:
        if error.filename is not None:
            raise
        return "INSTALL_FAILED_INSUFFICIENT_STORAGE: not enough space"
    return None


def _install(console: Console, part: Path, user: int | None) -> str | None:
    apk = read_apk(part)
    phone = console.phone
    abi = phone.properties["ro.product.cpu.abi"]
    if apk.abis and abi not in apk.abis:
        return f"INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract native libraries, res=-113, phone has {abi}"
    with phone.lock:
        old = phone.installed.get(apk.package)
        if old is not None and apk.version_code < old.version_code:
            return f"INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: {apk.version_code} < {old.version_code}"
        place = phone.sandbox.root / "data/app" / f"{apk.package}.apk"
        part.replace(place)
        phone.add(App(apk.package, apk.version_code, apk.debuggable, place), user)
    return None


def _for_user(args: list[str]) -> tuple[int | None, list[str]]:
    """The number after `--user`, None for every user, and the other arguments."""
    if "--user" not in args[:-1]:
        return None, args
    at = args.index("--user")
    return (int(args[at + 1]) if args[at + 1].isdecimal() else None), [*args[:at], *args[at + 2 :]]


def listing(console: Console, args: list[str]) -> int:
    """`list packages [FILTER]`; other lists are empty."""
    user, args = _for_user(args)
    with console.phone.lock:
        names = sorted(name for name in console.phone.installed if console.phone.has_app(name, user))
    wanted = next((arg for arg in args[1:] if not arg.startswith("-")), "")
    if args[:1] == ["packages"]:
        for name in names:
            if wanted in name:
                version = f" versionCode:{console.phone.installed[name].version_code}"
                console.say(f"package:{name}{version if '--show-versioncode' in args else ''}")
    return 0


def path(console: Console, args: list[str]) -> int:
    user, args = _for_user(args)
    app = console.phone.installed.get(args[0]) if args else None
    if app is None or not console.phone.has_app(app.package, user):
        return 1
    console.say(f"package:/data/app/{app.package}.apk")
    return 0


def uninstall(console: Console, args: list[str]) -> int:
    package = next((arg for arg in args if re.fullmatch(r"[A-Za-z][\w.]*", arg)), "")
    with console.phone.lock:
        app = console.phone.installed.pop(package, None)
    if app is None:
        console.say("Failure [DELETE_FAILED_INTERNAL_ERROR]")
        return 1
    if app.apk is not None:
        app.apk.unlink(missing_ok=True)
    console.say("Success")
    return 0


COMMANDS: dict[str, Command] = {"cmd": cmd, "pm": manage}
