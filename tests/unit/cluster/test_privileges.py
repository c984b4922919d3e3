"""The same command again as root: with the caller's folders and ways to packages, and with root's programs within reach."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.cluster.commands import answer, with_system_folders
from scripts.cluster.errors import ClusterError
from scripts.cluster.privileges import as_root


@pytest.fixture
def sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "sudo"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/ann/.cache")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/ann/.local/state")
    return program


def test_root_gets_the_callers_folders_and_settings_and_nothing_else(sudo: Path) -> None:
    environment = {
        "HOME": "/home/ann",
        "PATH": "/usr/bin:/opt/go/bin",
        "GOPROXY": "https://go.example",
        "PIP_INDEX_URL": "https://pip.example",
        "https_proxy": "http://proxy.example",
        "API_TOKEN": "s3cret",
    }

    assert as_root(["-m", "scripts.cluster", "up"], environment) == [
        str(sudo),
        "env",
        "GOPROXY=https://go.example",
        "HOME=/home/ann",
        "PATH=/usr/bin:/opt/go/bin:/usr/local/sbin:/usr/sbin:/sbin",
        "PIP_INDEX_URL=https://pip.example",
        "PYTHONDONTWRITEBYTECODE=1",
        "XDG_CACHE_HOME=/home/ann/.cache",
        "XDG_STATE_HOME=/home/ann/.local/state",
        "https_proxy=http://proxy.example",
        sys.executable,
        "-m",
        "scripts.cluster",
        "up",
    ]


def test_without_sudo_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ClusterError, match="run this as root"):
        as_root([], {})


def test_folders_on_the_path_stay_first_and_once() -> None:
    assert with_system_folders({"PATH": "/sbin:/a"})["PATH"] == "/sbin:/a:/usr/local/sbin:/usr/sbin"


def test_programs_of_root_are_found_with_a_users_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    assert answer("read the path", ["sh", "-c", "echo $PATH"]).strip().endswith("/usr/sbin:/sbin")
