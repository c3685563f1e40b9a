"""docs/android.md shows the class that the app's tests compile and run, and builds as the app does."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "android.md").read_text("utf-8")
COMPILED = ROOT / "android_app/desktop/app/src/test/kotlin/com/example/PictureClassifier.kt"
SOURCES = ROOT / "android_app/app/src/main/kotlin/app/handset"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def imports(path: Path) -> set[str]:
    return set(re.findall(r"^import ([\w.]+)", path.read_text("utf-8"), re.MULTILINE))


def test_the_class_on_the_page_is_the_one_that_is_compiled() -> None:
    assert COMPILED.read_text("utf-8") in blocks("kotlin")


def test_the_page_names_the_runtimes_of_the_version_catalogue() -> None:
    versions = tomllib.loads((ROOT / "android_app/gradle/libs.versions.toml").read_text("utf-8"))["versions"]
    for part in ("litert", "litert-api"):
        assert f'"com.google.ai.edge.litert:{part}:{versions["litert"]}"' in PAGE
    assert f'"org.tensorflow:tensorflow-lite:{versions["tensorflow-lite"]}"' in PAGE
    assert f"minSdk {versions['minSdk']}" in PAGE


def test_the_core_can_be_copied_because_it_needs_nothing_else() -> None:
    for path in sorted((SOURCES / "core").glob("*.kt")):
        assert {name.partition(".")[0] for name in imports(path)} <= {"java", "kotlin"}, path.name


def test_the_two_other_files_need_only_android_and_the_core() -> None:
    for name in ("BitmapDecoder.kt", "Pixels.kt"):
        assert f"`{name}`" in PAGE
        needed = imports(SOURCES / "picture" / name)
        assert {
            one for one in needed if not one.startswith(("java.", "android.graphics.", "app.handset.core."))
        } == set()


def test_the_class_uses_nothing_of_the_app_but_what_is_copied() -> None:
    ours = {name for name in imports(COMPILED) if name.startswith("app.handset.")}
    copied = ("app.handset.core.", "app.handset.picture.BitmapDecoder", "app.handset.picture.Pixels")
    assert ours
    assert {name for name in ours if not name.startswith(copied)} == set()
