"""Starting and ending processes of this machine, on loopback."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

__all__ = ["free_port", "stop", "wait_for"]

_START_SECONDS = 30.0


def free_port() -> int:
    """Return a TCP port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes], seconds: float = 15) -> int:
    """End a process by SIGTERM, by SIGKILL when it does not obey, and return its exit code."""
    process.terminate()
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def wait_for(ready: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    """Wait until a server answers, at most so many seconds.

    Raises:
        TimeoutError: if it does not; the message names it.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"did not start in {seconds:.0f} s: {what}")
        time.sleep(0.05)
