"""The locked sets of packages: for which platforms they were checked, and that they fit together."""

import json
import os
import re
import subprocess
from hashlib import sha256

import pytest

from tests.setup.stand_ins import LOCKS, ROOT

PINNED = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)", re.MULTILINE)


def test_the_matrix_belongs_to_the_locks_and_every_platform_has_every_set() -> None:
    """`make lock` writes it; a lock that was changed by hand, or that a platform cannot install, fails here."""
    matrix = json.loads((ROOT / "requirements" / "platforms.json").read_text("utf-8"))
    assert set(matrix) == set(LOCKS) == {"export", "test", "lint", "apk", "uv"}
    for name, lock in LOCKS.items():
        assert matrix[name]["sha256"] == sha256(lock.encode()).hexdigest()
        assert matrix[name]["packages"] == len(PINNED.findall(lock))
        assert matrix[name]["platforms"] == {"Linux x86_64": "ok", "Linux aarch64": "ok", "macOS arm64": "ok"}


def test_sets_agree_in_their_versions_and_name_no_index() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS.values():
        assert "://" not in lock
        for name, version in PINNED.findall(lock):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_every_package_is_pinned_and_has_a_hash() -> None:
    for lock in LOCKS.values():
        packages = re.split(r"\n(?=\S)", lock.strip())
        assert [one for one in packages if not PINNED.match(one) or "--hash=sha256:" not in one] == []


@pytest.mark.parametrize(
    ("target", "sets"),
    [
        ("export", {"export"}),
        ("test", {"export", "test"}),
        ("lint", {"export", "test", "lint"}),
        ("apk", {"export", "apk"}),
        ("test-all", {"export", "test", "apk"}),
    ],
)
def test_a_command_installs_the_sets_that_it_needs(target: str, sets: set[str]) -> None:
    command = ["make", "-n", "-W", "setup.sh", target]
    path = {"PATH": os.environ["PATH"]}
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=path).stdout
    assert set(re.findall(r"^sh setup\.sh (\w+)$", shown, re.MULTILINE)) == sets
