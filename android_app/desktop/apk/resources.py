"""Manifest and resources: merged, compiled and linked by aapt2 against Android's own framework."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

from android_app.desktop.apk.errors import StageError
from android_app.desktop.apk.project import APP, ASSETS, BUILD, AppProperties
from android_app.desktop.apk.tools import run

ANDROID = "http://schemas.android.com/apk/res/android"
TOOLS = "http://schemas.android.com/tools"
FRAMEWORKS = ("14-robolectric-10818077-i7", "15-robolectric-12650502-i7")
SINGLE_ELEMENTS = ("application", "uses-sdk")


def framework(library: Path) -> Path:
    """The framework's resources and manifest for aapt2, copied uncompressed from Robolectric's `android-all` jar."""
    target = BUILD / "framework.apk"
    if not target.exists():
        partial = target.with_suffix(".partial")
        with zipfile.ZipFile(library) as source, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as apk:
            for name in source.namelist():
                if name in ("resources.arsc", "AndroidManifest.xml") or (name.startswith("res/") and name[-1] != "/"):
                    apk.writestr(name, source.read(name))
        partial.replace(target)
    return target


def manifest(properties: AppProperties) -> Path:
    """The main manifest merged with the debug one, as Gradle does for a debug build."""
    ET.register_namespace("android", ANDROID)
    main = _parsed(APP / "src" / "main" / "AndroidManifest.xml")
    debug = _parsed(APP / "src" / "debug" / "AndroidManifest.xml")
    main.set("package", properties.package)
    _merge(main, debug)
    application = main.find("application")
    if application is None:
        raise StageError("the main AndroidManifest.xml has no application; restore the file")
    application.set(f"{{{ANDROID}}}debuggable", "true")
    target = BUILD / "AndroidManifest.xml"
    ET.ElementTree(main).write(target, encoding="utf-8", xml_declaration=True)
    return target


def _parsed(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314  # the app's own file


def _merge(into: ET.Element, other: ET.Element) -> None:
    for child in other:
        same = into.find(child.tag) if child.tag in SINGLE_ELEMENTS else None
        if same is None:
            into.append(child)
        else:
            same.attrib.update(child.attrib)
            _merge(same, child)


def link(aapt2: Path, framework_apk: Path, properties: AppProperties, report: Callable[[str], None]) -> Path:
    """An APK without code: binary manifest, resource table, resources and assets; `R.java` beside it in `gen`."""
    compiled, linked = BUILD / "resources.zip", BUILD / "resources.apk"
    numbers = BUILD / "gen" / "app" / "handset" / "R.java"
    before = numbers.read_bytes() if numbers.is_file() else None
    shutil.rmtree(BUILD / "gen", ignore_errors=True)
    run("aapt2 compile", [aapt2, "compile", "--dir", APP / "src" / "main" / "res", "-o", compiled])
    command: list[str | Path] = [
        aapt2,
        "link",
        "-I",
        framework_apk,
        "--manifest",
        manifest(properties),
        "-o",
        linked,
        "--auto-add-overlay",
    ]
    command += ["--java", BUILD / "gen", "-A", ASSETS, "-0", "tflite"]
    command += ["--min-sdk-version", str(properties.min_sdk), "--target-sdk-version", str(properties.target_sdk)]
    command += ["--version-code", str(properties.version_code), "--version-name", properties.version, compiled]
    run("aapt2 link", command)
    if numbers.read_bytes() != before:
        forget_classes(BUILD / "maven")
    report(f"resources  {linked.stat().st_size / 1e6:.1f} MB with the models")
    return linked


def forget_classes(target: Path) -> None:
    """Remove what Maven has compiled into `target`, because the resources have other numbers now.

    The compiler copies them into every class that uses one, and Maven compiles only the sources that changed.
    """
    for name in ("classes", "test-classes"):
        shutil.rmtree(target / name, ignore_errors=True)


def write_test_configuration(linked: Path) -> None:
    """Write the files that tell Robolectric where the app's resources and its framework are, so it needs no network.

    It asks for the newest framework's resources and for those of the level under test; one framework serves as both.
    """
    folder = BUILD / "test" / "com" / "android" / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_config.properties").write_text(
        f"android_resource_apk={linked}\nandroid_merged_assets={ASSETS}\n"
        f"android_merged_manifest={BUILD / 'AndroidManifest.xml'}\nandroid_custom_package=app.handset\n"
    )
    framework_jar = BUILD / "lib" / "android-all-instrumented.jar"
    (BUILD / "test" / "robolectric-deps.properties").write_text(
        "".join(f"org.robolectric\\:android-all-instrumented\\:{version}={framework_jar}\n" for version in FRAMEWORKS)
    )
