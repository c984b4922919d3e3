"""A real Jaeger on loopback ports of its own; the binary is the local cluster's."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from scripts.servers.processes import await_server, free_port, stop

__all__ = ["JaegerServer"]

ROOT = Path(__file__).resolve().parents[2]


class JaegerServer:
    """An all-in-one Jaeger.

    Args:
        folder: for its configuration, its log, and its traces where they are on a disk.
        max_traces: how many traces its ring holds.
        badger: whether traces are on a disk, rather than in memory.
        seconds: for which it keeps them there.

    Raises:
        RuntimeError: if the binary was not built (`python -m scripts.cluster build`).
    """

    def __init__(self, folder: Path, max_traces: int = 100_000, *, badger: bool = False, seconds: int = 3600) -> None:
        ports = tuple(free_port() for _ in range(6))
        otlp, grpc, query, _, _, metrics = ports
        self.otlp_url = f"http://127.0.0.1:{otlp}"
        self.otlp_grpc_url = f"http://127.0.0.1:{grpc}"
        self.query_url = f"http://127.0.0.1:{query}"
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self._folder = folder
        storage: dict[str, object] = _badger(folder, seconds) if badger else {"memory": {"max_traces": max_traces}}
        (folder / "jaeger.json").write_text(json.dumps(_jaeger_config(ports, storage)))
        self.start()

    def start(self) -> None:
        """Start it, or start it again after `stop`, at the same addresses."""
        config, log_file = self._folder / "jaeger.json", self._folder / "jaeger.log"
        with log_file.open("ab") as log:
            self._process = subprocess.Popen([_jaeger_binary(), "--config", str(config)], stdout=log, stderr=log)
        await_server(self._process, self._answers, "jaeger", log_file)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def stop(self) -> None:
        """End it."""
        self._process.kill()  # its storage is memory: there is nothing to bring to an end
        self._process.wait()

    def terminate(self) -> None:
        """End it as Kubernetes does, so that it brings its storage on a disk to an end."""
        stop(self._process)

    def _answers(self) -> bool:
        """Tell whether queries are answered and spans taken: these begin at different times."""
        try:
            for url in (self.otlp_url, self.otlp_grpc_url):
                socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 1).close()
            with urllib.request.urlopen(f"{self.query_url}/api/services", timeout=1) as answer:  # noqa: S310 - loopback
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False


def _jaeger_binary() -> str:
    command = [sys.executable, "-m", "scripts.cluster", "path", "jaeger"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    if found.returncode or not Path(path).is_file():
        raise RuntimeError(f"no Jaeger binary (python -m scripts.cluster build): {path or found.stderr}")
    return path


def _badger(folder: Path, seconds: int) -> dict[str, object]:
    directories = {"keys": str(folder / "keys"), "values": str(folder / "values")}
    return {"badger": {"ephemeral": False, "directories": directories, "ttl": {"spans": f"{seconds}s"}}}


def _jaeger_config(ports: tuple[int, ...], storage: dict[str, object]) -> dict[str, object]:
    otlp, grpc, query, query_grpc, health, metrics = ports
    metrics_reader = {"pull": {"exporter": {"prometheus": {"host": "127.0.0.1", "port": metrics}}}}

    def at(port: int) -> dict[str, str]:
        return {"endpoint": f"127.0.0.1:{port}"}

    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            "pipelines": {
                "traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["jaeger_storage_exporter"]}
            },
            "telemetry": {"metrics": {"level": "basic", "readers": [metrics_reader]}, "logs": {"level": "warn"}},
        },
        "extensions": {
            "healthcheckv2": {"use_v2": True, "http": at(health)},
            "jaeger_query": {"storage": {"traces": "main"}, "http": at(query), "grpc": at(query_grpc)},
            "jaeger_storage": {"backends": {"main": storage}},
        },
        "receivers": {"otlp": {"protocols": {"http": at(otlp), "grpc": at(grpc)}}},
        "processors": {"batch": {"timeout": "50ms"}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "main"}},
    }
