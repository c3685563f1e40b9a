#!/bin/sh
# Makes the environment .venv: Python 3.11, and exactly the packages of the named sets in requirements/, checked by hash.
# Needs no root and no system package, only uv (0.4 or newer) or a Python with pip. Either of them fetches nothing but
# the locked uv, into build/tools/uv, which does the rest. Run by `make`, again only when a set's file changes.
#
# usage: sh setup.sh export test       install these sets
#        sh setup.sh --uv ARGUMENTS    run the locked uv with the same index, certificates and folders
#        sh setup.sh --check           print the certificates, the locked uv and the index, and ask the index
set -eu
CDPATH='' cd "$(dirname "$0")"
tools=$PWD/build/tools
uv=$tools/uv/bin/uv
uv_lock=requirements/uv.lock

fail() {
    echo "setup: $1" >&2
    exit 2
}

. requirements/environment.sh

# What uv could not do, at which address, and the last cause that it gives, in one line.
uv_reason() { # <its output>
    printf '%s\n' "$1" | LC_ALL=C awk '
        {
            is_cause = sub(/^ *(cause|Caused by): /, "") || index($0, "─▶")
            sub(/^[^A-Za-z`]*/, "")
            sub(/^error: /, "")
            sub(/, we can conclude that .*/, "")
        }
        sub(/^hint: An index/, "An index") { sub(/\. .*/, ""); cause = $0 } # one that refuses a password
        /^$/ || /^(hint|help|warning|Using CPython)/ { next }
        what == "" || (is_cause && what !~ /:\/\// && /:\/\//) { what = $0; next }
        is_cause { cause = $0 }
        END {
            index_url = ENVIRON["UV_DEFAULT_INDEX"]
            sub(/\/\/[^\/]*@/, "//", index_url)
            place = (index_url == "") ? "the default index" : index_url
            printf "%s%s", what, (cause == "") ? "" : ": " cause
            if (cause ~ /not found in|no version of/) printf " (in %s)", place
        }'
}

# The last connection that failed, as pip's log has it, else pip's first error.
pip_reason() { # <its log>
    sed -e 's/^[0-9T:,-]* *//' -e 's/<[^>]*>[:,] *//' "$1" | awk '
        sub(/^Could not fetch URL /, "") {
            sub(/ - skipping$/, "")
            if (sub(/HTTPS?ConnectionPool.*\(Caused by /, "")) sub(/\)$/, "")
            connection = $0
        }
        /^ERROR: / && error == "" { error = substr($0, 8) }
        END { printf "%s", (connection == "") ? error : connection }'
}

advice() { # <reason> <variable that names a mirror>
    case $1 in
    *ertificate* | *UnknownIssuer*) echo "add your company's certificate to the system's store, or name its file in SSL_CERT_FILE" ;;
    *"ash mismatch"* | *"DO NOT MATCH"*) echo "do not use that index: it does not have what was locked" ;;
    *Unauthorized* | *Forbidden*) echo "put the index's user and password into its address or into .netrc" ;;
    *" 404 "* | *"no version of"* | *"not found in the"* | *"Could not find a version"*)
        echo "name an index in PIP_INDEX_URL that has it"
        ;;
    *"No space left"*) echo "free disk space" ;;
    *"ermission denied"* | *"Read-only file"*) echo "make that folder writable" ;;
    *) echo "connect, or name your proxy in HTTPS_PROXY or your mirror in $2" ;;
    esac
}

fetch_uv_with_uv() { # <version of the uv on the path>; prints the reason where it fails
    case $1 in # older releases know other names
    0.[4-9].* | 0.10.*)
        pass_on UV_NATIVE_TLS "${UV_SYSTEM_CERTS:-}"
        pass_on UV_INDEX_URL "${UV_DEFAULT_INDEX:-}"
        pass_on UV_EXTRA_INDEX_URL "${UV_INDEX:-}"
        ;;
    esac
    output=$({
        { UV_PYTHON_DOWNLOADS=never uv venv --quiet --python '>=3.8' "$tools/uv/python" 2>/dev/null ||
            uv venv --quiet --python 3.11 "$tools/uv/python"; } &&
            uv pip install --quiet --python "$tools/uv/python/bin/python" --target "$tools/uv" \
                --no-deps --require-hashes --requirement "$uv_lock"
    } 2>&1) || { uv_reason "$output" && return 1; }
}

fetch_uv_with_pip() { # <python>; prints the reason where it fails
    unset PIP_TARGET PIP_PREFIX PIP_CONSTRAINT PIP_NO_BINARY
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore
    rm -f "$tools/pip.log"
    "$1" -m pip install --quiet --disable-pip-version-check --log "$tools/pip.log" --target "$tools/uv" \
        --only-binary :all: --no-deps --require-hashes --requirement "$uv_lock" >/dev/null 2>&1 ||
        { pip_reason "$tools/pip.log" && return 1; }
}

# Puts the locked uv into build/tools/uv: with the uv on the path, else with the first Python that has pip.
prepare_uv() {
    locked=$(sed -n 's/^uv==\([^ ;]*\).*/\1/p' "$uv_lock")
    case $("$uv" --version 2>/dev/null) in
    "uv $locked" | "uv $locked "*) return ;;
    esac
    rm -rf "$tools/uv"
    mkdir -p "$tools/uv" 2>/dev/null || fail "$PWD cannot be written; clone the repository into a folder of your own"
    echo "setup: fetching uv $locked" >&2
    reasons=
    version=$(uv --version 2>/dev/null | sed -n 's/^uv \([0-9][0-9.]*\).*/\1/p')
    case $version in
    "" | 0.[0-3].*) ;;
    *)
        ! reason=$(fetch_uv_with_uv "$version") || return 0
        reasons="uv $version: $reason"
        ;;
    esac
    for python in python3.11 python3 python; do
        "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 || continue
        ! reason=$(fetch_uv_with_pip "$python") || return 0
        reasons="$reasons${reasons:+; }pip: $reason"
        break
    done
    [ -n "$reasons" ] ||
        fail "found neither uv 0.4 or newer nor a Python with pip; install uv, or Python 3.11 with pip (Debian, Ubuntu: python3-pip), and run make again"
    fail "uv could not be fetched ($reasons); $(advice "$reasons" PIP_INDEX_URL), and run make again"
}

check_index() {
    certificates="uv's own"
    [ -z "${UV_SYSTEM_CERTS:-}" ] || certificates="the system's"
    echo "certificates=${SSL_CERT_FILE:-${SSL_CERT_DIR:-$certificates}}"
    prepare_uv
    echo "uv=$locked"
    index=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-the default}}
    if [ -n "${UV_OFFLINE:-}" ]; then
        index="$index, not asked: UV_OFFLINE or pip's no-index is set"
    else
        output=$("$uv" pip install --quiet --dry-run --reinstall --no-cache --python .venv/bin/python \
            --no-deps --require-hashes --requirement "$uv_lock" 2>&1) || {
            reason=$(uv_reason "$output")
            fail "the package index does not answer ($reason); $(advice "$reason" PIP_INDEX_URL)"
        }
    fi
    echo "index=$(printf %s "$index" | sed 's|//[^/]*@|//|')"
}

is_ready() { # <set>
    [ -x .venv/bin/python ] && [ "$(cat ".venv/.ready-$1" 2>/dev/null)" = "$(cksum <"requirements/$1.lock")" ]
}

case "${1:-}" in
--uv)
    shift
    prepare_environment
    prepare_uv
    exec 3>&1
    output=$("$uv" "$@" 2>&1 >&3) || {
        reason=$(uv_reason "$output")
        fail "uv failed ($reason); $(advice "$reason" PIP_INDEX_URL)"
    }
    [ -z "$output" ] || printf '%s\n' "$output" >&2
    exit 0
    ;;
--check)
    prepare_environment
    check_index
    exit 0
    ;;
esac

missing=
for set in "$@"; do
    [ -f "requirements/$set.lock" ] || fail "requirements/$set.lock is missing; check the repository out again"
    if is_ready "$set"; then touch ".venv/.ready-$set"; else missing="$missing $set"; fi
done
[ -n "$missing" ] || exit 0

case "$(uname -s) $(uname -m)" in
"Linux x86_64" | "Linux aarch64" | "Darwin arm64") ;;
*) fail "this computer is $(uname -s) $(uname -m); use Linux x86_64, Linux aarch64 or macOS arm64 (on Windows: WSL2)" ;;
esac
prepare_environment
prepare_uv

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    output=$("$uv" venv --quiet --clear --python 3.11 .venv 2>&1) || {
        reason=$(uv_reason "$output")
        fail "Python 3.11 is not here and uv could not fetch it ($reason); $(advice "$reason" UV_PYTHON_INSTALL_MIRROR), or install Python 3.11 (python.org, pyenv or your distribution), and run make again"
    }
fi
for set in $missing; do
    echo "setup: installing requirements/$set.lock into .venv" >&2
    output=$("$uv" pip install --quiet --python .venv/bin/python --build-constraints requirements/export.lock \
        --no-deps --require-hashes --requirement "requirements/$set.lock" 2>&1) || {
        reason=$(uv_reason "$output")
        fail "requirements/$set.lock could not be installed ($reason); $(advice "$reason" PIP_INDEX_URL), and run make again"
    }
    cksum <"requirements/$set.lock" >".venv/.ready-$set"
done
