"""A real Redis on a loopback port of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from scripts.servers.processes import await_server, free_port, stop

__all__ = ["RedisServer"]


class RedisServer:
    """A Redis without persistence, unless `options` ask for it. `stop` and `start` keep the port and lose the data.

    Args:
        folder: for its log and its data.
        options: further arguments of `redis-server`; the last one of a kind counts.

    Raises:
        RuntimeError: if Redis is not installed.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        binary = shutil.which("redis-server")
        if not binary:
            raise RuntimeError("redis-server is not installed (apt-get install redis-server)")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._command += ["--dir", str(folder), *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        log_file = self._folder / "redis.log"
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        await_server(self._process, self._answers, "redis-server", log_file)

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64)[:1] in {b"+", b"-"}
        except OSError:
            return False
