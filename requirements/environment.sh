# What uv heeds of the environment; read by setup.sh, from the repository's folder. pip's own settings serve uv too, where
# uv has none of its own.

# The value of an option of pip: the environment's, else its configuration files'. Of these a later one counts more,
# and the section [install] more than [global].
pip_option() { # <its name, as in its variable>
    value=$(printenv "PIP_$(printf %s "$1" | tr a-z A-Z)") || true
    if [ -n "$value" ] || [ "${PIP_CONFIG_FILE:-}" = /dev/null ]; then
        printf %s "$value"
        return
    fi
    option=$1
    home=${HOME:-}
    set --
    for file in "/Library/Application Support/pip/pip.conf" /etc/xdg/pip/pip.conf /etc/pip.conf "$home/.pip/pip.conf" \
        "${XDG_CONFIG_HOME:-$home/.config}/pip/pip.conf" "$home/Library/Application Support/pip/pip.conf" \
        "${VIRTUAL_ENV:-${CONDA_PREFIX:-}}/pip.conf" "${PIP_CONFIG_FILE:-}"; do
        [ ! -f "$file" ] || set -- "$@" "$file"
    done
    [ $# -gt 0 ] || return 0
    awk -v option="$option" '
        /^[ \t]*([#;]|$)/ { next }
        /^\[/ { section = $0; gsub(/[^a-z]/, "", section); next }
        /^[ \t]/ { values[key] = values[key] " " $0; next }
        match($0, /[=:]/) {
            name = tolower(substr($0, 1, RSTART - 1))
            gsub(/-/, "_", name)
            sub(/^_+/, "", name)
            sub(/[ \t]+$/, "", name)
            key = section " " name
            values[key] = substr($0, RSTART + 1)
        }
        END {
            key = (("install " option) in values) ? "install " option : "global " option
            gsub(/[ \t\r]+/, " ", values[key])
            sub(/^ /, "", values[key])
            sub(/ $/, "", values[key])
            printf "%s", values[key]
        }' "$@"
}

pass_on() { # <variable of uv> <value>: nothing where the variable is set, or the value is empty
    [ -z "$2" ] || printenv "$1" >/dev/null || export "$1=$2"
}

prepare_indexes() {
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ]; then
        pass_on UV_DEFAULT_INDEX "$(pip_option index_url)"
        pass_on UV_INDEX "$(pip_option extra_index_url)"
    fi
    places=
    for place in $(pip_option find_links); do
        case $place in
        *://*) ;;
        *) [ -d "$place" ] || continue ;; # pip ignores a folder that is missing, uv does not
        esac
        places=$places${places:+,}$place
    done
    pass_on UV_FIND_LINKS "$places"
    case $(pip_option no_index) in
    1 | [Tt]rue | [Yy]es | [Oo]n) pass_on UV_OFFLINE 1 ;;
    esac
    # Every package is checked by its hash, so it does not matter which of several indexes has it.
    [ -z "${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ] || pass_on UV_INDEX_STRATEGY unsafe-best-match
    pass_on UV_INSECURE_HOST "$(pip_option trusted_host)"
    timeout=$(pip_option timeout)
    pass_on UV_HTTP_TIMEOUT "${timeout:-$(pip_option default_timeout)}"
    proxy=$(pip_option proxy)
    [ -n "${https_proxy:-}" ] || pass_on HTTPS_PROXY "$proxy"
    [ -n "${http_proxy:-}" ] || pass_on HTTP_PROXY "$proxy"
}

# A bundle that is named for pip is the only one that counts for uv too; else the system's store does, where one is.
prepare_certificates() {
    if [ -z "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ]; then
        bundle=$(pip_option cert)
        bundle=${bundle:-${REQUESTS_CA_BUNDLE:-${CURL_CA_BUNDLE:-}}}
        if [ -d "$bundle" ]; then pass_on SSL_CERT_DIR "$bundle"; else pass_on SSL_CERT_FILE "$bundle"; fi
    fi
    [ -z "${SSL_CERT_FILE:-}" ] || [ -f "$SSL_CERT_FILE" ] ||
        fail "the file of certificates $SSL_CERT_FILE is missing; correct SSL_CERT_FILE, PIP_CERT or pip's setting cert, and run make again"
    pass_on SSL_CLIENT_CERT "$(pip_option client_cert)"
    system_certs=
    for store in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
        [ ! -f "$store" ] || system_certs=1
    done
    pass_on UV_SYSTEM_CERTS "$system_certs"
}

# uv's own folders, inside this repository where the usual ones cannot be written.
prepare_folders() {
    cache=${XDG_CACHE_HOME:-${HOME:-/dev/null}/.cache}/uv
    mkdir -p "$cache" 2>/dev/null || pass_on UV_CACHE_DIR "$tools/cache"
    for folder in "$cache" "$cache"/*-v[0-9]*; do # one `sudo uv` leaves folders of root
        [ ! -e "$folder" ] || [ -w "$folder" ] || pass_on UV_CACHE_DIR "$tools/cache"
    done
    mkdir -p "${XDG_DATA_HOME:-${HOME:-/dev/null}/.local/share}/uv" 2>/dev/null || pass_on UV_PYTHON_INSTALL_DIR "$tools/python"
}

# The user's own uv.toml counts. No pyproject.toml does: uv up to 0.10 refuses this one's overrides together with hashes.
prepare_configuration() {
    user_file=${XDG_CONFIG_HOME:-${HOME:-}/.config}/uv/uv.toml
    [ -f "$user_file" ] || user_file=/etc/uv/uv.toml
    if [ -f "$user_file" ]; then
        pass_on UV_CONFIG_FILE "$user_file"
    elif [ -z "${UV_CONFIG_FILE:-}" ]; then
        pass_on UV_NO_CONFIG 1
    fi
    unset VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH UV_PYTHON UV_SYSTEM_PYTHON UV_PROJECT UV_WORKING_DIR
    unset UV_CONSTRAINT UV_BUILD_CONSTRAINT UV_OVERRIDE UV_EXCLUDE_NEWER
    export UV_NO_PROGRESS=1 UV_NO_WRAP=1 NO_COLOR=1
}

prepare_environment() {
    prepare_indexes
    prepare_certificates
    prepare_folders
    prepare_configuration
}
