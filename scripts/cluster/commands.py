"""Runs other programs and turns their failure into a `ClusterError` that quotes their last words."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from scripts.cluster.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["answer", "run_logged", "succeeds", "with_system_folders"]

_QUOTED_LINES = 4
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def with_system_folders(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the folders of nft, debootstrap and dpkg's own programs on PATH: Debian's users have them not there."""
    folders = environment.get("PATH", os.defpath).split(":")
    missing = [folder for folder in _SYSTEM_FOLDERS if folder not in folders]
    return {**environment, "PATH": ":".join([*folders, *missing])}


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " | ".join(lines[-_QUOTED_LINES:]) or "no output"


def answer(step: str, command: Sequence[str], *, stdin: str | None = None, seconds: float = 120) -> str:
    """Run a short command and return its standard output.

    Raises:
        ClusterError: It cannot be started, takes longer than ``seconds`` or ends with another code than 0.
    """
    try:
        done = subprocess.run(
            command,
            input=stdin,
            env=with_system_folders(os.environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except OSError as error:
        raise ClusterError(step, f"cannot start {command[0]}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError(step, f"{command[0]} did not end within {seconds:.0f} s") from error
    if done.returncode:
        raise ClusterError(step, f"{command[0]} ended with code {done.returncode}: {_last_words(done.stderr)}")
    return done.stdout


def succeeds(command: Sequence[str], *, seconds: float = 30) -> bool:
    """Whether a short command ends with code 0; a program that is missing or hangs does not succeed."""
    environment = with_system_folders(os.environ)
    try:
        return (
            subprocess.run(command, env=environment, capture_output=True, check=False, timeout=seconds).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def run_logged(
    step: str,
    command: Sequence[str],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a long command with its output in a log file.

    Raises:
        ClusterError: It cannot be started or fails; the error quotes the log's end and names the file.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        try:
            code = subprocess.run(
                command,
                cwd=folder,
                env=with_system_folders(environment or os.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except OSError as error:
            raise ClusterError(step, f"cannot start {command[0]}: {error.strerror}", log) from error
    if code:
        words = _last_words(log.read_text(encoding="utf-8", errors="replace"))
        raise ClusterError(step, f"{command[0]} ended with code {code}: {words}", log)
