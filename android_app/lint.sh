#!/bin/sh
# ktlint and detekt over every Kotlin file of the app and of its desktop build, Gradle's scripts among them; part of
# `make lint`. The first run fetches both with Maven. Without Java 17 (JAVA_HOME's, else the path's) or Maven, one line
# says that they were skipped, and why.
# usage: android_app/lint.sh [--format]
set -eu
cd "$(dirname "$0")/.."
tools=build/tools
ktlint=1.8.0
detekt=1.23.8

java=
found="java is not on the path"
for candidate in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} java; do
    command -v "$candidate" >/dev/null || continue
    version=$("$candidate" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p') || true
    major=${version%%[!0-9]*}
    if [ "${major:-0}" -ge 17 ]; then
        java=$candidate
        [ "$java" = java ] && unset JAVA_HOME # Maven takes the same one
        break
    fi
    found="$(command -v "$candidate") is Java ${version:-of no version}"
done
lack=
command -v mvn >/dev/null || lack="mvn is not on the path"
[ -n "$java" ] || lack=$found
if [ -n "$lack" ]; then
    echo "ktlint and detekt skipped: $lack; install a JDK 17 or newer and Maven (Debian: openjdk-17-jdk-headless, maven)"
    exit 0
fi

fetch() { # <group:artifact> <version>
    [ -f "$tools/${1#*:}-$2-all.jar" ] || mvn -q -B -Dstyle.color=never dependency:copy -Dartifact="$1:$2:jar:all" \
        -DoutputDirectory="$PWD/$tools"
}
fetch com.pinterest.ktlint:ktlint-cli $ktlint
fetch io.gitlab.arturbosch.detekt:detekt-cli $detekt
cd android_app
"$java" -jar "../$tools/ktlint-cli-$ktlint-all.jar" --log-level=warn "$@" '**/*.kt' '**/*.kts'
"$java" -jar "../$tools/detekt-cli-$detekt-all.jar" --build-upon-default-config --config detekt.yml --jvm-target 17 \
    --input build.gradle.kts,settings.gradle.kts,app,desktop
