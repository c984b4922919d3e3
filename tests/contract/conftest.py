"""Real servers of this machine for the contract suites: Redis and Jaeger, each on loopback ports of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class RedisServer:
    """A Redis without persistence. `stop` and `start` keep the port and lose the data."""

    def __init__(self, folder: Path, *options: str) -> None:
        binary = shutil.which("redis-server")
        assert binary, "redis-server is not installed (apt-get install redis-server)"
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._command += ["--dir", str(folder), *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        log = (self._folder / "redis.log").open("ab")
        with log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        _wait_for(self._answers, f"redis-server, see {self._folder}/redis.log")

    def stop(self) -> None:
        if self._process is not None:
            _stop(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64)[:1] in {b"+", b"-"}
        except OSError:
            return False


class JaegerServer:
    """An all-in-one Jaeger with memory storage."""

    def __init__(self, folder: Path) -> None:
        otlp, grpc, query, query_grpc, health = (_free_port() for _ in range(5))
        self.otlp_url = f"http://127.0.0.1:{otlp}"
        self.otlp_grpc_url = f"http://127.0.0.1:{grpc}"
        self.query_url = f"http://127.0.0.1:{query}"
        config = folder / "jaeger.json"
        config.write_text(json.dumps(_jaeger_config(otlp, grpc, query, query_grpc, health)))
        with (folder / "jaeger.log").open("ab") as log:
            self._process = subprocess.Popen([_jaeger_binary(), "--config", str(config)], stdout=log, stderr=log)
        _wait_for(self._answers, f"jaeger, see {folder}/jaeger.log")

    def stop(self) -> None:
        self._process.kill()  # its storage is memory: there is nothing to bring to an end
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.query_url}/api/services", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _wait_for(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        assert time.monotonic() < deadline, f"did not start in {_START_SECONDS:.0f} s: {what}"
        time.sleep(0.05)


def _jaeger_binary() -> str:
    command = [sys.executable, "-m", "scripts.cluster", "path", "jaeger"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    assert found.returncode == 0, f"no Jaeger binary: {found.stderr or found.stdout}"
    assert Path(path).is_file(), f"no Jaeger binary at {path!r}"
    return path


def _jaeger_config(otlp: int, grpc: int, query: int, query_grpc: int, health: int) -> dict[str, object]:
    def at(port: int) -> dict[str, str]:
        return {"endpoint": f"127.0.0.1:{port}"}

    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            "pipelines": {
                "traces": {"receivers": ["otlp"], "processors": ["batch"], "exporters": ["jaeger_storage_exporter"]}
            },
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "warn"}},
        },
        "extensions": {
            "healthcheckv2": {"use_v2": True, "http": at(health)},
            "jaeger_query": {"storage": {"traces": "main"}, "http": at(query), "grpc": at(query_grpc)},
            "jaeger_storage": {"backends": {"main": {"memory": {"max_traces": 100_000}}}},
        },
        "receivers": {"otlp": {"protocols": {"http": at(otlp), "grpc": at(grpc)}}},
        "processors": {"batch": {"timeout": "50ms"}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "main"}},
    }


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis for all contract tests; `.url`. Whoever needs one to break starts its own with `own_redis`."""
    with tempfile.TemporaryDirectory(prefix="frametrace-redis-") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test, which may stop and restart it."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def redis_server_class() -> type[RedisServer]:
    """To start a Redis with options; the test stops it."""
    return RedisServer


@pytest.fixture(scope="session")
def jaeger() -> Iterator[JaegerServer]:
    """A Jaeger for all contract tests: `.otlp_url`, `.query_url`."""
    with tempfile.TemporaryDirectory(prefix="frametrace-jaeger-") as folder:
        server = JaegerServer(Path(folder))
        yield server
        server.stop()
