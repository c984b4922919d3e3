"""Keeps port forwards alive: runs one kubectl a Service, probes what is behind it, and starts it again when it is dead.

Started by the demo as a process of its own (``python -m scripts.demo.forwards``), because a forward ends with its pod.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.cluster import processes
from scripts.cluster.digests import digest_of
from scripts.cluster.errors import ClusterError
from scripts.demo.places import ROOT, state
from scripts.demo.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Forward", "is_forwarding", "keep_alive", "start", "stop"]

_NAME = "forwards"
_PROBE_SECONDS = 2.0
_DEAD_AFTER = 3
_START_SECONDS = 30.0


@dataclass(slots=True)
class Forward:
    """One Service on this machine's loopback address: the kubectl command, its local ports, the first of which is probed."""

    command: list[str]
    ports: list[int]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _failures: int = 0

    def look_after(self) -> None:
        """Start the forward if it does not run; end it if it no longer carries anything."""
        if self._process is None or self._process.poll() is not None:
            # setpriv: the forward dies with this process, even by kill -9, and so never holds the port against the next one.
            command = ["setpriv", "--pdeathsig", "TERM", *self.command]
            # Its standard output is a line a connection; what goes wrong is on standard error.
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            self._failures = 0
        elif carries(self.ports[0]):
            self._failures = 0
        else:
            self._failures += 1
            if self._failures >= _DEAD_AFTER:
                self.end()

    def end(self) -> None:
        """End the forward."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(5)


def carries(port: int) -> bool:
    """Tell whether an HTTP server answers through the port, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("HEAD", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def keep_alive(forwards: Sequence[Forward]) -> None:
    """Look after ``forwards`` until SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            for forward in forwards:
                forward.look_after()
            time.sleep(_PROBE_SECONDS)
    except KeyboardInterrupt:
        for forward in forwards:
            forward.end()


def start(forwards: Sequence[Forward]) -> None:
    """Start the process that keeps ``forwards`` alive, unless it runs with these very ones; wait until all carry.

    Raises:
        ClusterError: a port is taken by another program, or a forward does not come up; the log is named.
    """
    log = state() / f"{_NAME}.log"
    wanted = json.dumps([{"command": forward.command, "ports": forward.ports} for forward in forwards])
    record = processes.read_record(state(), _NAME)
    if not (record and processes.is_running(record) and record.fingerprint == digest_of([wanted])):
        stop()
        for port in [port for forward in forwards for port in forward.ports]:
            _require_free(port)
        command = [sys.executable, "-m", "scripts.demo.forwards", wanted]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        processes.start(
            _NAME, command, records=state(), log=log, environment=environment, fingerprint=digest_of([wanted])
        )

    def look() -> tuple[bool | None, str]:
        silent = [str(forward.ports[0]) for forward in forwards if not carries(forward.ports[0])]
        return (None if silent else True), f"nothing answers yet on localhost:{', localhost:'.join(silent)}"

    wait_for("forward the ports", look, seconds=_START_SECONDS, log=log)


def stop() -> None:
    """End the process and its forwards, if they run."""
    record = processes.read_record(state(), _NAME)
    if record and processes.is_running(record):
        processes.end({record.pid: record.ticks}, grace=8)


def is_forwarding() -> bool:
    """Tell whether the process that keeps the forwards runs."""
    return processes.is_running(processes.read_record(state(), _NAME))


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = f"port {port} of this machine is taken by another program; end it and run the demo again"
            raise ClusterError("forward the ports", reason) from error


if __name__ == "__main__":
    keep_alive([Forward(**one) for one in json.loads(sys.argv[1])])
