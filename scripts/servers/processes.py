"""Starting and ending processes of this machine, on loopback."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["await_server", "free_port", "stop", "wait_for"]

_START_SECONDS = 120.0  # a busy machine reads a fresh program of 100 MB from its disk first
_LOG_END = 2_000
# Below the ports the kernel gives to outgoing connections and Kubernetes to Services, above the local cluster's.
_PORTS = range(21_000, 30_000)


_CLAIMS = 100
"""Ports that a process keeps claimed: those that it gave out last, as a server may take minutes until it binds its own."""


def _shuffled() -> Iterator[int]:
    while True:  # by the system's chance: tests set their own to the same state in each process
        yield from random.SystemRandom().sample(_PORTS, len(_PORTS))


_candidates = _shuffled()
_claims: deque[int] = deque()


def free_port() -> int:
    """Return a TCP port that is free now, that no outgoing connection takes and that nobody here was given lately."""
    return next(port for port in _candidates if _is_free(port) and _claim(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


def _claim(port: int) -> bool:
    """Claim a port from all processes of this machine that ask here; False if another one has it.

    A claim is a name that is free again when its process ends, or lets go of it.
    """
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0frametrace-port-{port}")
        except OSError:
            return False
        _claims.append(claim.detach())
    if len(_claims) > _CLAIMS:
        os.close(_claims.popleft())
    return True


def stop(process: subprocess.Popen[bytes], seconds: float = 15) -> int:
    """End a process by SIGTERM, by SIGKILL when it does not obey, and return its exit code."""
    process.terminate()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def wait_for(ready: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    """Wait until something is so, at most so many seconds.

    Raises:
        TimeoutError: if it does not become so; the message names it.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so in {seconds:.0f} s: {what}")
        time.sleep(0.05)


def await_server(process: subprocess.Popen[bytes], answers: Callable[[], bool], name: str, log: Path) -> None:
    """Wait until a server that was started answers; one that does not is ended.

    Raises:
        RuntimeError: if it ended or is silent; with the end of its log, which a test's folder does not outlive.
    """
    try:
        wait_for(lambda: process.poll() is not None or answers(), name)
    except TimeoutError:
        stop(process)
        raise RuntimeError(f"{name} did not answer in {_START_SECONDS:.0f} s; its log ends: {_end_of(log)}") from None
    if process.poll() is not None:
        raise RuntimeError(f"{name} ended with {process.returncode} while it started; its log ends: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-_LOG_END:] if log.exists() else "it wrote none"
