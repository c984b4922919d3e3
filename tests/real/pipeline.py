"""A pipeline as processes of this machine: a capture and its stages, with real contracts, Redis and Jaeger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frame_tracking import CAPTURE_SERVICE, Ledger, Topology
from frametrace_api.contract import (
    BrokerContract,
    CameraContract,
    CaptureContract,
    LiveContract,
    NetworkContract,
    PipelineRef,
    StageContract,
    StageEdge,
)

from tests.real.processes import free_port, stop

__all__ = ["LocalPipeline", "running_pipeline"]


@dataclass(frozen=True, slots=True)
class LocalPipeline:
    """A running pipeline: the ports of its processes' HTTP endpoints, by service name."""

    topology: Topology
    ports: dict[str, int]

    def ledger(self, service: str) -> Ledger:
        """Return a process's ledger."""
        return Ledger.model_validate_json(self.get(service, "/ledger"))

    def get(self, service: str, path: str) -> bytes:
        """Return what a process answers on `path`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[service]}{path}", timeout=5) as answer:
            body: bytes = answer.read()
            return body

    def wait_for_frames(self, service: str, frames: int, seconds: float = 60) -> Ledger:
        """Wait until `frames` frames have left a process or ended there."""
        deadline = time.monotonic() + seconds
        while self._finished(service) < frames:
            assert time.monotonic() < deadline, f"{service} did not finish {frames} frames in {seconds:.0f} s"
            time.sleep(0.1)
        return self.ledger(service)

    def _finished(self, service: str) -> int:
        """Frames that left the process or ended there; 0 while it does not answer."""
        try:
            hops = self.ledger(service).hops
        except OSError:
            return 0
        return sum(hop.left + sum(hop.ended.values()) for hop in hops if hop.hop in self.topology.hops)


@contextmanager
def running_pipeline(
    folder: Path, urls: dict[str, str], stages: Sequence[tuple[str, str]] = (("motion", "capture"),)
) -> Iterator[LocalPipeline]:
    """Run a capture and its stages; `urls` has `camera`, `redis` and `otlp`. On exit all are ended by SIGTERM."""
    topology = Topology.of(stages)
    ports = {name: free_port() for name in (CAPTURE_SERVICE, *(name for name, _ in stages))}
    live = folder / "live.json"
    live.write_text(_live(topology).model_dump_json())
    processes = []
    try:
        for name, contract in _contracts(urls, stages).items():
            config = folder / f"{name}.json"
            config.write_text(json.dumps(contract))
            processes.append(_start(folder, name, contract["role"], ports[name], urls["otlp"]))
        yield LocalPipeline(topology, ports)
    finally:
        codes = [stop(process) for process in processes]
    assert codes == [0] * len(codes), f"exit codes {codes}; logs in {folder}"


def _contracts(urls: dict[str, str], stages: Sequence[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    pipeline = PipelineRef(namespace="local", name="local", uid="00000000-0000-0000-0000-000000000001")
    broker = BrokerContract(url=urls["redis"])
    camera = CameraContract(id="cam01", url=urls["camera"])
    networks = NetworkContract(allow=("127.0.0.0/8",))
    capture = CaptureContract(pipeline=pipeline, camera=camera, networks=networks, broker=broker)
    made = {CAPTURE_SERVICE: capture.model_dump(mode="json")}
    for name, upstream in stages:
        stage = StageContract(pipeline=pipeline, name=name, input=upstream, handler="motion", broker=broker)
        made[name] = stage.model_dump(mode="json")
    return made


def _live(topology: Topology) -> LiveContract:
    edges = tuple(StageEdge(name=name, input=upstream) for name, upstream in topology.stages)
    return LiveContract(revision=topology.revision, cameras=("cam01",), stages=edges)


def _start(folder: Path, name: str, role: str, port: int, otlp: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "camera_runtime", role, "--port", str(port)]
    command += ["--config", str(folder / f"{name}.json"), "--live", str(folder / "live.json")]
    environment = {**os.environ, "OTEL_SERVICE_NAME": name, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp}
    environment |= {"OTEL_BSP_SCHEDULE_DELAY": "200", "FRAMETRACE_POD_NAME": name}
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)
