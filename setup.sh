#!/bin/sh
# The locked environment in .venv: Python 3.11 and exactly the packages of requirements.lock, each checked by its hash.
# Needs no root and no system package: only Python with pip, or uv. Run by `make`, again only when the lock changes.
set -eu
cd "$(dirname "$0")"

fail() {
    echo "setup: $1" >&2
    exit 2
}

first_line() {
    printf '%s\n' "$1" | head -n 1
}

wanted=$(cksum <requirements.lock)
if [ -x .venv/bin/python ] && [ "$(cat .venv/.ready 2>/dev/null)" = "$wanted" ]; then
    touch .venv/.ready
    exit 0
fi

# uv up to 0.10 fails on a lock with hashes whose overrides contradict a package's own requirements.
is_usable_uv() {
    version=$("$1" --version 2>/dev/null | sed -n 's/^uv \([0-9]*\)\.\([0-9]*\)\..*/\1 \2/p')
    [ -n "$version" ] && { [ "${version% *}" -gt 0 ] || [ "${version#* }" -ge 11 ]; }
}

# The locked uv that was fetched before, else a usable one on the PATH, else uv's own lines of the lock, hashes included.
uv=build/tools/bin/uv
if ! is_usable_uv "$uv"; then
    if is_usable_uv uv; then
        uv=uv
    else
        for python in python3.11 python3 python; do
            "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 && break
            python=
        done
        [ -n "$python" ] || fail "found neither uv 0.11 or newer nor a Python with pip; install Python 3.11 with pip, or uv, and run make again"
        echo "setup: fetching uv" >&2
        rm -rf build/tools
        mkdir -p build/tools
        sed -n '/^uv==/,/[^\\]$/p' requirements.lock >build/tools/uv.lock
        said=$(PIP_ROOT_USER_ACTION=ignore "$python" -m pip install --quiet --disable-pip-version-check \
            --no-deps --require-hashes --target build/tools --requirement build/tools/uv.lock 2>&1) ||
            fail "uv could not be fetched ($(first_line "$(echo "$said" | grep ^ERROR)")); connect, or install uv yourself, and run make again"
    fi
fi

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
    said=$("$uv" venv --quiet --no-progress --clear --python 3.11 .venv 2>&1) ||
        fail "Python 3.11 is not here and uv could not fetch it ($(first_line "$said")); install Python 3.11 (python.org, pyenv or your distribution) and run make again"
fi

echo "setup: installing the locked packages into .venv" >&2
"$uv" pip install --quiet --python .venv/bin/python --no-deps --require-hashes --requirement requirements.lock ||
    fail "the packages could not be installed, uv says why above; connect, or free disk space, and run make again"
echo "$wanted" >.venv/.ready
