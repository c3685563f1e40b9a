#!/bin/sh
# ktlint and detekt over every Kotlin file of the app and of its desktop build; the first run fetches both with Maven.
# usage: android_app/lint.sh [--format]
set -eu
cd "$(dirname "$0")/.."
tools=build/tools
fetch() { # <group:artifact> <version>
    jar="$tools/${1#*:}-$2-all.jar"
    [ -f "$jar" ] || mvn -q -B dependency:copy -Dartifact="$1:$2:jar:all" -DoutputDirectory="$PWD/$tools"
}
fetch com.pinterest.ktlint:ktlint-cli 1.8.0
fetch io.gitlab.arturbosch.detekt:detekt-cli 1.23.8
cd android_app
java -jar "../$tools/ktlint-cli-1.8.0-all.jar" --log-level=warn "$@" '**/*.kt' '**/*.kts'
java -jar "../$tools/detekt-cli-1.23.8-all.jar" --build-upon-default-config --config detekt.yml --jvm-target 17 \
    --input app/src,desktop/src,desktop/app/src
