"""The file commands of a virtual phone, as far as the kit and its tests use those of toybox."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

from benchmarks.virtual_phone.console import Command, Console

COPY_BYTES = 1 << 20


def split_flags(args: list[str], with_value: str = "") -> tuple[dict[str, str], list[str]]:
    """(flags, operands) of `-rf -m 0755 path`; letters in `with_value` take the next argument."""
    flags: dict[str, str] = {}
    operands: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            operands.extend(rest)
        elif arg.startswith("-") and len(arg) > 1:
            for letter in arg[1:]:
                flags[letter] = next(rest, "") if letter in with_value else ""
        else:
            operands.append(arg)
    return flags, operands


def cat(console: Console, args: list[str]) -> int:
    """Files, or standard input where there are none."""
    if not args:
        while data := console.read():
            console.write(data)
    for path in args:
        with console.locate(path).open("rb") as file:
            while data := file.read(COPY_BYTES):
                console.write(data)
    return 0


def ls(console: Console, args: list[str]) -> int:
    flags, paths = split_flags(args)
    for path in paths or ["/"]:
        place = console.locate(path)
        inside = place.is_dir() and "d" not in flags
        places = sorted(place.iterdir()) if inside else [place]
        if not inside:
            place.lstat()  # an error when it is not there
        for entry in places:
            console.say(entry.name if inside else path)
    return 0


def mkdir(console: Console, args: list[str]) -> int:
    flags, paths = split_flags(args, with_value="m")
    for path in paths:
        place = console.locate(path, write=True)
        if place.is_dir() and "p" in flags:
            continue
        place.mkdir(parents="p" in flags)
        place.chmod(_mode(flags.get("m", "0755")) | 0o700)
    return 0


def rm(console: Console, args: list[str]) -> int:
    flags, paths = split_flags(args)
    for path in paths:
        place = console.locate(path, write=True)
        if place.is_dir():
            if "r" not in flags and "R" not in flags:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok="f" in flags)
    return 0


def mv(console: Console, args: list[str]) -> int:
    source, target = _two(console, args)
    source.replace(target / source.name if target.is_dir() else target)
    return 0


def cp(console: Console, args: list[str]) -> int:
    source, target = _two(console, args)
    target = target / source.name if target.is_dir() else target
    with source.open("rb") as file, console.phone.sandbox.writing(target) as copy:
        while data := file.read(COPY_BYTES):
            copy.write(data)
    return 0


def _two(console: Console, args: list[str]) -> tuple[Path, Path]:
    _, paths = split_flags(args)
    if len(paths) != 2:
        raise OSError(errno.EINVAL, "Needs 2 arguments", " ".join(paths))
    return console.locate(paths[0]), console.locate(paths[1], write=True)


def _mode(text: str) -> int:
    if not text or set(text) - set("01234567") or len(text) > 4:
        raise OSError(errno.EINVAL, "Bad mode", text)
    return int(text, 8)


def touch(console: Console, args: list[str]) -> int:
    for path in split_flags(args)[1]:
        console.locate(path, write=True).touch()
    return 0


def sha256sum(console: Console, args: list[str]) -> int:
    for path in args:
        with console.locate(path).open("rb") as file:
            console.say(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path}")
    return 0


def df(console: Console, args: list[str]) -> int:
    """Free space in blocks of 1024 bytes: what is left of a full disk, or what this machine has."""
    place = console.locate((split_flags(args)[1] or ["/data"])[0])
    usage = shutil.disk_usage(place)
    limit = console.phone.sandbox.free_bytes
    free = usage.free if limit is None else min(limit, usage.free)
    used = usage.total - free
    console.say("Filesystem 1K-blocks Used Available Use% Mounted on")
    console.say(f"/dev/virtual {usage.total // 1024} {used // 1024} {free // 1024} {100 * used // usage.total}% /data")
    return 0


COMMANDS: dict[str, Command] = {
    command.__name__: command for command in (cat, cp, df, ls, mkdir, mv, rm, sha256sum, touch)
}
