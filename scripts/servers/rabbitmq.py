"""A real RabbitMQ on loopback ports of its own, with a port mapper (epmd), a node name and a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import IO

from scripts.servers.processes import await_server, free_port, stop

__all__ = ["FAST_FOLDER", "RabbitServer"]

# A quorum queue waits for the disk with every message; tests are about what happens, not about this machine's disk.
_MEMORY = "/dev/shm"  # noqa: S108 - folders are made in it by tempfile
FAST_FOLDER = _MEMORY if os.access(_MEMORY, os.W_OK) else None
"""Where to make a server's folder when disk speed is not the point; None for the usual place."""

# The package's commands in /usr/sbin change the user; these run as whoever starts the tests.
_COMMANDS = Path("/usr/lib/rabbitmq/bin")
_GREETING = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"
_LOG_SIZE = "raft.wal_max_size_bytes = 67108864"


class RabbitServer:
    """A RabbitMQ node. `stop`, `kill` and `start` keep ports and data, as a restart of a machine would.

    Args:
        folder: for its data, logs and settings.
        settings: more lines of rabbitmq.conf.
        tls: certificate, key and authority files: it then listens for TLS too, at `tls_port`.

    Raises:
        RuntimeError: if RabbitMQ is not installed.
    """

    def __init__(self, folder: Path, *settings: str, tls: tuple[Path, Path, Path] | None = None) -> None:
        if not (_COMMANDS / "rabbitmq-server").exists():
            raise RuntimeError("rabbitmq-server is not installed (apt-get install rabbitmq-server)")
        self.port, self.tls_port, self._epmd_port, distribution = (free_port() for _ in range(4))
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"
        self._folder = folder
        lines = [f"listeners.tcp.local = 127.0.0.1:{self.port}", "log.file.level = warning", _LOG_SIZE, *settings]
        lines += _tls_settings(self.tls_port, tls) if tls else []
        (folder / "rabbitmq.conf").write_text("".join(f"{line}\n" for line in lines))
        (folder / "enabled_plugins").write_text("[].\n")
        self._environment = _environment(folder, f"frametrace-{self.port}@localhost", self._epmd_port, distribution)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the node, and its port mapper if that is not there."""
        with (self._folder / "rabbitmq.log").open("ab") as log:
            if self._epmd is None:
                self._epmd = self._spawn([_epmd(), "-port", str(self._epmd_port), "-address", "127.0.0.1"], log)
            self._process = self._spawn([str(_COMMANDS / "rabbitmq-server")], log)
        try:
            await_server(self._process, self.answers, "rabbitmq-server", self._folder / "rabbitmq.log")
        except RuntimeError:
            self._process = None
            self.stop()
            raise

    def stop(self) -> None:
        """End the node in good order, and the port mapper."""
        self.halt()
        if self._epmd is not None:
            stop(self._epmd)
            self._epmd = None

    def halt(self) -> None:
        """End the node only, in good order."""
        if self._process is not None:
            stop(self._process, 30)
            self._process = None

    def kill(self) -> None:
        """End the node by SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop and start the node, in good order."""
        self.halt()
        self.start()

    @property
    def pid(self) -> int:
        """The node's process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def freeze(self) -> None:
        """Let it be silent, its connections open."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def control(self, *arguments: str) -> str:
        """Run rabbitmqctl; returns what it prints.

        Raises:
            RuntimeError: if it fails.
        """
        command = [str(_COMMANDS / "rabbitmqctl"), "--quiet", *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {arguments[0]}: {done.stderr or done.stdout}")
        return done.stdout

    def answers(self) -> bool:
        """Whether it speaks AMQP."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(_GREETING)
                return connection.recv(1) == _METHOD_FRAME
        except OSError:
            return False

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _epmd() -> str:
    found = shutil.which("epmd", path=f"/usr/lib/erlang/bin:{os.environ.get('PATH', '')}")
    if not found:
        raise RuntimeError("epmd is not installed (apt-get install rabbitmq-server)")
    return found


def _environment(folder: Path, node: str, epmd_port: int, distribution_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),  # where Erlang keeps its cookie
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RUNNING_UNDER_SYSTEMD": "1",  # the command becomes the node itself: no shell in between to be left over
        "RABBITMQ_NODENAME": node,
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "node.pid"),
    }


def _tls_settings(port: int, tls: tuple[Path, Path, Path]) -> list[str]:
    certificate, key, authority = tls
    return [
        f"listeners.ssl.local = 127.0.0.1:{port}",
        f"ssl_options.certfile = {certificate}",
        f"ssl_options.keyfile = {key}",
        f"ssl_options.cacertfile = {authority}",
        "ssl_options.verify = verify_none",
    ]
