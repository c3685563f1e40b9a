"""From Kotlin to Dalvik code: Maven compiles the sources, D8 translates the classes of the app and its libraries."""

import shutil
import zipfile
from pathlib import Path

from android_app.desktop.apk.project import BUILD, POM, AppProperties
from android_app.desktop.apk.tools import run
from benchmarks.runners.java import find_jdk, find_maven

LIBRARY = BUILD / "lib"
AAR = BUILD / "aar"
SHIPPED = ("tensorflow-lite", "tensorflow-lite-api", "tensorflow-lite-gpu", "tensorflow-lite-gpu-api")
FRAMEWORK = LIBRARY / "android-all.jar"


def fetch() -> None:
    """Copy the libraries into `lib` and unpack the AARs; from the network once, then from Maven's local repository."""
    pom = POM.read_bytes()
    stamp = BUILD / "fetched"
    if stamp.is_file() and stamp.read_bytes() == pom:
        return
    _maven("fetching the libraries with Maven", "initialize")
    for aar in LIBRARY.glob("*.aar"):
        target = AAR / aar.stem
        shutil.rmtree(target, ignore_errors=True)
        with zipfile.ZipFile(aar) as archive:
            archive.extractall(
                target, [name for name in archive.namelist() if name.startswith(("classes.jar", "jni/"))]
            )
    stamp.write_bytes(pom)


def compile_app() -> Path:
    """A jar of the app's own classes, with `R`."""
    shutil.rmtree(BUILD / "maven" / "classes", ignore_errors=True)  # Maven keeps classes whose source is gone
    _maven("compiling the app", "package", "-DskipTests", "-Dmaven.test.skip=true")
    return BUILD / "maven" / "handset-app.jar"


def _maven(doing: str, *arguments: str) -> None:
    program, jdk = find_maven()
    run(doing, [program, "-B", "-q", "-f", POM, *arguments], jdk.environment)


def dex(app: Path, properties: AppProperties) -> list[Path]:
    """`classes.dex`, `classes2.dex` and so on: the classes of `app` and of the libraries, in Android's code."""
    libraries = [AAR / name / "classes.jar" for name in SHIPPED] + [LIBRARY / "kotlin-stdlib.jar"]
    target = BUILD / "dex"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    jdk = find_jdk()
    command: list[str | Path] = [jdk.java, "-Xmx1g", "-cp", LIBRARY / "r8.jar", "com.android.tools.r8.D8", "--debug"]
    command += ["--min-api", str(properties.min_sdk), "--lib", FRAMEWORK, "--lib", jdk.home, "--output", target]
    run("D8", [*command, app, *libraries])
    return sorted(target.glob("classes*.dex"), key=lambda path: (len(path.name), path.name))
