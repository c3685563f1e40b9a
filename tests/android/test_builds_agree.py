"""Two builds of the same sources, Gradle's and the one without an SDK, have the same versions and settings."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ANDROID = Path(__file__).resolve().parents[2] / "android_app"
GRADLE = (ANDROID / "app" / "build.gradle.kts").read_text()
POM = (ANDROID / "desktop" / "app" / "pom.xml").read_text()
CATALOG: dict[str, Any] = tomllib.loads((ANDROID / "gradle" / "libs.versions.toml").read_text())


def pom_property(name: str) -> str:
    """The text of a property of the Maven build."""
    return only(rf"<{re.escape(name)}>([^<]+)</{re.escape(name)}>", POM)


def only(pattern: str, text: str) -> str:
    """The only text that `pattern` finds."""
    found: list[str] = re.findall(pattern, text)
    assert len(set(found)) == 1, f"{pattern}: {found}"
    return found[0]


@pytest.mark.parametrize("name", ["kotlin", "tensorflow-lite", "tensorflow-lite-gpu-api"])
def test_versions_are_equal(name: str) -> None:
    assert CATALOG["versions"][name] == pom_property(f"{name}.version")


@pytest.mark.parametrize("name", ["minSdk", "targetSdk"])
def test_sdk_levels_are_equal_and_gradle_reads_them_from_its_catalogue(name: str) -> None:
    assert CATALOG["versions"][name] == pom_property(name)
    assert f"{name} = libs.versions.{name}.get().toInt()" in GRADLE


def test_the_framework_that_is_compiled_against_is_the_compile_sdk() -> None:
    level_of_android = {"34": "14", "35": "15"}
    assert pom_property("android-all.version").startswith(f"{level_of_android[CATALOG['versions']['compileSdk']]}-")


def test_package_and_version_are_equal() -> None:
    assert only(r'applicationId = "([^"]+)"', GRADLE) == only(r"<groupId>(app\.[a-z]+)</groupId>", POM)
    assert only(r'namespace = "([^"]+)"', GRADLE) == only(r'applicationId = "([^"]+)"', GRADLE)
    assert only(r'versionName = "([^"]+)"', GRADLE) == only(r"<artifactId>app</artifactId>\s*<version>([^<]+)<", POM)
    assert only(r"versionCode = (\d+)", GRADLE) == pom_property("versionCode")


def test_java_levels_are_equal() -> None:
    assert only(r'jvmTarget = "(\d+)"', GRADLE) == pom_property("java.release")
    assert only(r"JavaVersion\.VERSION_(\d+)", GRADLE) == pom_property("java.release")


def test_the_same_libraries_are_shipped() -> None:
    named = re.findall(r"implementation\(libs\.([a-z.]+)\)", GRADLE)
    by_gradle = {CATALOG["libraries"][name.replace(".", "-")]["module"] for name in named}
    by_maven = set(re.findall(r"<groupId>(org\.tensorflow)</groupId>\s*<artifactId>([^<]+)</artifactId>", POM))
    # The API comes along by itself with Gradle; Maven cannot follow dependencies between AARs.
    assert {f"{group}:{artifact}" for group, artifact in by_maven} == by_gradle | {"org.tensorflow:tensorflow-lite-api"}


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
