"""A real Jaeger on loopback ports of its own; the binary is the local cluster's."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.real.processes import free_port, wait_for

__all__ = ["JaegerServer"]

ROOT = Path(__file__).resolve().parents[2]


class JaegerServer:
    """An all-in-one Jaeger with memory storage."""

    def __init__(self, folder: Path) -> None:
        otlp, grpc, query, query_grpc, health = (free_port() for _ in range(5))
        self.otlp_url = f"http://127.0.0.1:{otlp}"
        self.otlp_grpc_url = f"http://127.0.0.1:{grpc}"
        self.query_url = f"http://127.0.0.1:{query}"
        config = folder / "jaeger.json"
        config.write_text(json.dumps(_jaeger_config(otlp, grpc, query, query_grpc, health)))
        with (folder / "jaeger.log").open("ab") as log:
            self._process = subprocess.Popen([_jaeger_binary(), "--config", str(config)], stdout=log, stderr=log)
        wait_for(self._answers, f"jaeger, see {folder}/jaeger.log")

    def stop(self) -> None:
        self._process.kill()  # its storage is memory: there is nothing to bring to an end
        self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.query_url}/api/services", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


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
