"""What setup.sh gives to uv of the environment and of pip's configuration, shown by what stands in for uv."""

import os
from pathlib import Path

import pytest

from tests.setup.stand_ins import calls_of, environment_of, locked_uv, setup

PIP_CONF = """
[global]
index_url = https://global/simple
--EXTRA =
    https://one/simple
    https://two/simple
; a comment
[install]
index_url: https://install/simple
trusted-host = mirror
[download]
index_url = https://download/simple
""".replace("EXTRA", "-".join(("extra", "index", "url")))


@pytest.mark.parametrize(
    ("conf", "environment", "expected"),
    [
        (
            "",
            {"PIP_INDEX_URL": "https://pip/simple"},
            {"UV_DEFAULT_INDEX": "https://pip/simple", "UV_INDEX_STRATEGY": None},
        ),
        (
            "",
            {"PIP_EXTRA_INDEX_URL": "https://a https://b"},
            {"UV_INDEX": "https://a https://b", "UV_INDEX_STRATEGY": "unsafe-best-match"},
        ),
        (
            PIP_CONF,
            {},
            {
                "UV_DEFAULT_INDEX": "https://install/simple",
                "UV_INDEX": "https://one/simple https://two/simple",
                "UV_INSECURE_HOST": "mirror",
            },
        ),
        (PIP_CONF, {"PIP_INDEX_URL": "https://pip/simple"}, {"UV_DEFAULT_INDEX": "https://pip/simple"}),
        (PIP_CONF, {"PIP_CONFIG_FILE": os.devnull}, {"UV_DEFAULT_INDEX": None, "UV_INDEX": None}),
        (PIP_CONF, {"UV_INDEX_URL": "https://uv/simple"}, {"UV_DEFAULT_INDEX": None, "UV_INDEX": None}),
        ("[global]\nproxy = proxy:8080\n", {}, {"HTTPS_PROXY": "proxy:8080", "HTTP_PROXY": "proxy:8080"}),
        ("[global]\nproxy = proxy:8080\n", {"https_proxy": "other:80"}, {"HTTPS_PROXY": None}),
        ("[global]\nno-index = true\n", {}, {"UV_OFFLINE": "1"}),
        ("", {"PIP_FIND_LINKS": "bin missing https://host/files"}, {"UV_FIND_LINKS": "bin,https://host/files"}),
        ("", {"PIP_CERT": "setup.sh"}, {"SSL_CERT_FILE": "setup.sh"}),
        ("[global]\ncert = setup.sh\n", {"SSL_CERT_DIR": "bin"}, {"SSL_CERT_FILE": None, "SSL_CERT_DIR": "bin"}),
        ("", {"PIP_CONFIG_FILE": os.devnull, "REQUESTS_CA_BUNDLE": "bin"}, {"SSL_CERT_DIR": "bin"}),
        ("", {"PIP_DEFAULT_TIMEOUT": "180"}, {"UV_HTTP_TIMEOUT": "180"}),
        ("", {"VIRTUAL_ENV": "/v", "CONDA_PREFIX": "/c"}, {"VIRTUAL_ENV": None, "CONDA_PREFIX": None}),
        ("", {"UV_SYSTEM_PYTHON": "1", "PYTHONPATH": "x"}, {"UV_SYSTEM_PYTHON": None, "PYTHONPATH": None}),
    ],
)
def test_uv_is_given_what_pip_would_use(
    machine: Path, conf: str, environment: dict[str, str], expected: dict[str, str | None]
) -> None:
    uv = locked_uv(machine)
    file = machine / "home" / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text(conf)
    assert setup(machine, "--uv", "pip", "list", **{"PIP_CONFIG_FILE": "", **environment}).returncode == 0
    assert calls_of(uv) == ["pip list"]
    seen = environment_of(uv)
    assert {name: seen.get(name) for name in expected} == expected


def test_the_user_s_own_uv_toml_counts_and_no_other_configuration_does(machine: Path) -> None:
    uv = locked_uv(machine)
    assert setup(machine, "--uv", "pip", "list").returncode == 0
    assert environment_of(uv)["UV_NO_CONFIG"] == "1"
    file = machine / "home" / ".config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True)
    file.write_text("")
    assert setup(machine, "--uv", "pip", "list").returncode == 0
    seen = environment_of(uv)
    assert seen["UV_CONFIG_FILE"] == str(file)
    assert "UV_NO_CONFIG" not in seen


def test_a_file_of_certificates_that_is_missing_is_one_line(machine: Path) -> None:
    locked_uv(machine)
    done = setup(machine, SSL_CERT_FILE="/none/ca.pem")
    assert done.returncode == 2
    assert done.stderr.startswith("setup: the file of certificates /none/ca.pem is missing; correct SSL_CERT_FILE, ")


@pytest.mark.parametrize("home", ["/dev/null", "/proc", ""])
def test_where_home_cannot_be_written_uv_s_folders_are_in_the_repository(machine: Path, home: str) -> None:
    uv = locked_uv(machine)
    assert setup(machine, "--uv", "pip", "list", HOME=home).returncode == 0
    seen = environment_of(uv)
    assert seen["UV_CACHE_DIR"] == str(machine / "build" / "tools" / "cache")
    assert seen["UV_PYTHON_INSTALL_DIR"] == str(machine / "build" / "tools" / "python")


def test_a_cache_with_a_folder_of_root_is_not_used(machine: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write to every folder")
    uv = locked_uv(machine)
    closed = machine / "home" / ".cache" / "uv" / "wheels-v5"
    closed.mkdir(parents=True)
    closed.chmod(0o555)
    assert setup(machine, "--uv", "pip", "list").returncode == 0
    assert environment_of(uv)["UV_CACHE_DIR"] == str(machine / "build" / "tools" / "cache")
