"""What the guard costs over so many pipelines, one in a hundred of them suspect. Nothing is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from scripts.bench.operator_scale_parts.guard_stub import HEALTHY
from scripts.bench.operator_scale_parts.processes import processor_seconds, resident_mebibytes
from scripts.prove.results import ROOT
from scripts.servers.processes import free_port, stop

__all__ = ["WINDOW_SECONDS", "Cost", "cost"]

WINDOW_SECONDS: Final = 30
_WARM_WINDOWS: Final = 5
"""Until then each pipeline had its first windows, the sick ones are suspect, and shares are those of the whole fleet."""
_PARTS: Final = "scripts.bench.operator_scale_parts"


@dataclass(frozen=True, slots=True)
class Cost:
    """Over some seconds.

    Attributes:
        cores: processor time of the guard's process, in cores.
        mebibytes: memory that it had at the end.
        windows: share of the windows due that were read of the captures.
        asked: what pods and Jaegers were asked for meanwhile.
        found: what the guard found, at the end.
    """

    pipelines: int
    seconds: float
    cores: float
    mebibytes: float
    windows: float
    asked: dict[str, int]
    found: dict[str, Any]


def cost(pipelines: int, seconds: float, *wrapper: str) -> Cost:
    """Let the guard run, and measure it once it is in its stride; `wrapper` is a command that runs it, such as a profiler's."""
    port = free_port()
    with (
        _running(f"{_PARTS}.guard_stub", str(port)),
        _running(f"{_PARTS}.guard_process", f"--pipelines={pipelines}", f"--port={port}", wrapper=wrapper) as guard,
    ):
        time.sleep(_WARM_WINDOWS * WINDOW_SECONDS)
        begun, used, before = time.monotonic(), processor_seconds(guard.pid), _asked(port)
        time.sleep(seconds)
        took, spent, after = time.monotonic() - begun, processor_seconds(guard.pid) - used, _asked(port)
        resident = resident_mebibytes(guard.pid)
        guard.terminate()
        assert guard.stdout is not None
        found = json.loads(guard.stdout.readline())
    asked = {what: count - before.get(what, 0) for what, count in after.items()}
    due = pipelines * took / WINDOW_SECONDS
    return Cost(pipelines, took, spent / took, resident, asked["windows of capture"] / due, asked, found)


@contextmanager
def _running(module: str, *arguments: str, wrapper: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*wrapper, sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"{module} did not start")
        yield process
    finally:
        stop(process)


def _asked(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://{HEALTHY}:{port}/counts", timeout=10) as answer:
        found: dict[str, int] = json.loads(answer.read())
    return found
