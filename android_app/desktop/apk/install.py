"""`python -m android_app.desktop.apk.install`: put build/handset-debug.apk onto a phone, with the kit's adb client."""

import argparse
import sys

from android_app.desktop.apk.project import APK, ROOT
from benchmarks.adb.discovery import choose
from benchmarks.adb.errors import AdbError
from benchmarks.phones.choice import places_from
from benchmarks.phones.options import add_phone_options
from benchmarks.phones.vitals import read_user


def main() -> int:
    """Exit code 0, or 2 with one line that says what to do."""
    parser = argparse.ArgumentParser(prog="python -m android_app.desktop.apk.install", description=__doc__)
    add_phone_options(parser)
    options = parser.parse_args()
    if not APK.is_file():
        print(f"make install: {APK.relative_to(ROOT)} is not there; run `make apk` first", file=sys.stderr)
        return 2
    try:
        for found in choose(places_from(options)):
            with found.phone:
                found.phone.install(APK, read_user(found.phone))
            print(f"{APK.name} is on {found.facts.model or found.phone.serial}")
    except AdbError as error:
        print(f"make install: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
