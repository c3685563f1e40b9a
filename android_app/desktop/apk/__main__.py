"""`python -m android_app.desktop.apk`: make build/handset-debug.apk; `prepare`: only what the JVM tests need."""

import argparse
import sys
import time
import zipfile
from pathlib import Path

from android_app.desktop.apk import archive, classes, resources, signing
from android_app.desktop.apk.check import check
from android_app.desktop.apk.errors import ApkError, MissingToolError
from android_app.desktop.apk.project import ABIS, APK, ASSETS, BUILD, NATIVE, ROOT, app_properties
from android_app.desktop.apk.tools import aapt2
from benchmarks.runners.java import JavaError, find_maven


def main() -> int:
    """Exit code 0, or 2 with one line that says what is missing."""
    parser = argparse.ArgumentParser(prog="python -m android_app.desktop.apk", description=__doc__)
    parser.add_argument("stage", nargs="?", choices=("apk", "prepare"), default="apk")
    stage = parser.parse_args().stage
    try:
        if stage == "prepare":
            prepare()
        else:
            build()
    except (ApkError, JavaError) as error:
        print(f"make apk: {error}", file=sys.stderr)
        return 2
    return 0


def prepare() -> Path:
    """Fetch the libraries, link the resources and write the tests' configuration; returns the linked resources."""
    find_maven()
    program = aapt2()
    if not (ASSETS / "models" / "catalog.json").is_file():
        raise MissingToolError(f"{(ASSETS / 'models').relative_to(ROOT)} has no models; run `make export` first")
    BUILD.mkdir(parents=True, exist_ok=True)
    classes.fetch()
    linked = resources.link(program, resources.framework(classes.FRAMEWORK), app_properties(), _print)
    resources.write_test_configuration(linked)
    return linked


def build() -> None:
    """Run all stages; the APK gets its name only when it has passed the checks."""
    started = time.monotonic()
    linked = prepare()
    app = classes.compile_app()
    _print(f"classes    {app.stat().st_size / 1e3:.0f} kB")
    dexes = classes.dex(app, app_properties())
    _print(f"dex        {sum(dex.stat().st_size for dex in dexes) / 1e6:.1f} MB")
    signed, schemes = signing.sign(assemble(linked, dexes))
    findings = check(signed, aapt2())
    signed.replace(APK)
    print(f"{APK.relative_to(ROOT)}: whole and signed ({schemes}) after {time.monotonic() - started:.0f} s")
    for line in findings.lines():
        print(f"  {line}")


def assemble(linked: Path, dexes: list[Path]) -> Path:
    """The unsigned APK: resources, models, code and native libraries in one aligned zip."""
    unsigned = BUILD / "unsigned.apk"
    with zipfile.ZipFile(linked) as source, zipfile.ZipFile(unsigned, "w") as apk:
        for info in source.infolist():
            archive.add(apk, info.filename, source.read(info), info.compress_type == zipfile.ZIP_STORED)
        for dex in dexes:
            archive.add(apk, dex.name, dex.read_bytes(), stored=False)
        for abi in ABIS:
            for name in NATIVE:
                for library in sorted((classes.AAR / name / "jni" / abi).glob("*.so")):
                    archive.add(apk, f"lib/{abi}/{library.name}", library.read_bytes(), stored=True)
    return unsigned


def _print(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
