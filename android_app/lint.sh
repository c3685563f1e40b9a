#!/bin/sh
# ktlint and detekt over every Kotlin file of the app and of its desktop build, Gradle's scripts among them; part of
# `make lint`. The first run fetches both with Maven; a machine without Java 17 or Maven is told that they were skipped.
# usage: android_app/lint.sh [--format]
set -eu
cd "$(dirname "$0")/.."
tools=build/tools
ktlint=1.8.0
detekt=1.23.8

lack=
command -v mvn >/dev/null || lack="mvn is not on this machine"
major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || true
[ "${major:-0}" -ge 17 ] || lack="java 17 or newer is not on this machine"
if [ -n "$lack" ]; then
    echo "ktlint and detekt skipped: $lack; install openjdk-17-jdk-headless and maven"
    exit 0
fi

fetch() { # <group:artifact> <version>
    [ -f "$tools/${1#*:}-$2-all.jar" ] || mvn -q -B -Dstyle.color=never dependency:copy -Dartifact="$1:$2:jar:all" \
        -DoutputDirectory="$PWD/$tools"
}
fetch com.pinterest.ktlint:ktlint-cli $ktlint
fetch io.gitlab.arturbosch.detekt:detekt-cli $detekt
cd android_app
java -jar "../$tools/ktlint-cli-$ktlint-all.jar" --log-level=warn "$@" '**/*.kt' '**/*.kts'
java -jar "../$tools/detekt-cli-$detekt-all.jar" --build-upon-default-config --config detekt.yml --jvm-target 17 \
    --input build.gradle.kts,settings.gradle.kts,app,desktop
