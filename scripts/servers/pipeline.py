"""A pipeline as processes of this machine: a capture and its stages, with real contracts, a real broker and a Jaeger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
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

from scripts.servers.processes import free_port, stop

__all__ = ["LocalPipeline", "Plan", "running", "running_pipeline"]

_ROOT = Path(__file__).resolve().parents[2]
_TOLD = 2000
"""Characters of a log in a message."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs.

    Attributes:
        camera: the camera's URL.
        otlp: where spans go.
        stages: (name, input) pairs.
        handlers: of the stages that have another than `motion`, by name.
        environment: more variables of all processes.
        max_width: of published pictures, in pixels; 0 keeps the camera's.
    """

    camera: str
    broker: BrokerContract
    otlp: str
    stages: Sequence[tuple[str, str]] = (("motion", "capture"),)
    handlers: dict[str, str] | None = None
    environment: dict[str, str] | None = None
    max_width: int = 0


@dataclass(frozen=True, slots=True)
class LocalPipeline:
    """A running pipeline: its processes, with their logs in `folder`, and the ports of their HTTP endpoints, by service name."""

    folder: Path
    topology: Topology
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]]
    start: Callable[[str, str], subprocess.Popen[bytes]]

    def ledger(self, service: str) -> Ledger:
        """Return a process's ledger."""
        return Ledger.model_validate_json(self.get(service, "/ledger"))

    def get(self, service: str, path: str) -> bytes:
        """Return what a process answers on `path`."""
        url = f"http://127.0.0.1:{self.ports[service]}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body

    def wait_for_frames(self, service: str, frames: int, seconds: float = 60) -> Ledger:
        """Wait until `frames` frames have left a process or ended there.

        Raises:
            TimeoutError: if they do not in `seconds`.
        """
        deadline = time.monotonic() + seconds
        while self._finished(service) < frames:
            if time.monotonic() > deadline:
                told = self.told()
                raise TimeoutError(f"{service} did not finish {frames} frames in {seconds:.0f} s: {told}")
            time.sleep(0.1)
        return self.ledger(service)

    def told(self) -> str:
        """What each process counted, or whether it ended, and the end of its log: for the message of who waited in vain."""
        return "\n".join(self._told(service) for service in self.processes)

    def end(self, service: str) -> int:
        """End a process by SIGTERM; return its exit code."""
        return stop(self.processes[service])

    def again(self, service: str, *, kill: bool = False) -> None:
        """Replace a process as Kubernetes replaces a pod: by another one of the same contract, when the first one has ended."""
        if kill:
            self.processes[service].kill()
        stop(self.processes[service])
        self.processes[service] = self.start(service, f"{service}-{uuid.uuid4().hex[:5]}")

    def _told(self, service: str) -> str:
        try:
            counted = str(self.ledger(service).hops)
        except OSError as error:
            counted = f"no ledger ({error}), exit code {self.processes[service].poll()}"
        return f"{service}: {counted}\n{(self.folder / f'{service}.log').read_text(errors='replace')[-_TOLD:]}"

    def _finished(self, service: str) -> int:
        """Frames that left the process or ended there; 0 while it does not answer."""
        try:
            hops = self.ledger(service).hops
        except OSError:
            return 0
        return sum(hop.left + sum(hop.ended.values()) for hop in hops if hop.hop in self.topology.hops)


def running_pipeline(
    folder: Path, urls: dict[str, str], stages: Sequence[tuple[str, str]] = (("motion", "capture"),)
) -> Any:
    """Run a capture and its stages over Redis; `urls` has `camera`, `redis` and `otlp`."""
    return running(folder, Plan(urls["camera"], BrokerContract(url=urls["redis"]), urls["otlp"], stages))


@contextmanager
def running(folder: Path, plan: Plan) -> Iterator[LocalPipeline]:
    """Run a capture and its stages. On exit all are ended by SIGTERM.

    Raises:
        RuntimeError: if one of them does not end well.
    """
    topology = Topology.of(plan.stages)
    ports = {name: free_port() for name in (CAPTURE_SERVICE, *(name for name, _ in plan.stages))}
    live = folder / "live.json"
    live.write_text(_live(topology).model_dump_json())
    processes: dict[str, subprocess.Popen[bytes]] = {}
    roles: dict[str, str] = {}

    def start(name: str, pod: str) -> subprocess.Popen[bytes]:
        return _start(folder, (name, roles[name], pod), ports[name], plan)

    try:
        for name, contract in _contracts(plan).items():
            (folder / f"{name}.json").write_text(json.dumps(contract))
            roles[name] = contract["role"]
            processes[name] = start(name, name)
        yield LocalPipeline(folder, topology, ports, processes, start)
    finally:
        codes = [stop(process) for process in processes.values()]
    if any(codes):
        raise RuntimeError(f"exit codes {codes}; logs in {folder}")


def _contracts(plan: Plan) -> dict[str, dict[str, Any]]:
    pipeline = PipelineRef(namespace="local", name="local", uid="00000000-0000-0000-0000-000000000001")
    camera = CameraContract(id="cam01", url=plan.camera)
    networks = NetworkContract(allow=("127.0.0.0/8",))
    capture = CaptureContract(
        pipeline=pipeline, camera=camera, networks=networks, broker=plan.broker, max_width=plan.max_width
    )
    made = {CAPTURE_SERVICE: capture.model_dump(mode="json")}
    for name, upstream in plan.stages:
        handler = (plan.handlers or {}).get(name, "motion")
        stage = StageContract(pipeline=pipeline, name=name, input=upstream, handler=handler, broker=plan.broker)
        made[name] = stage.model_dump(mode="json")
    return made


def _live(topology: Topology) -> LiveContract:
    edges = tuple(StageEdge(name=name, input=upstream) for name, upstream in topology.stages)
    return LiveContract(revision=topology.revision, cameras=("cam01",), stages=edges)


def _start(folder: Path, named: tuple[str, str, str], port: int, plan: Plan) -> subprocess.Popen[bytes]:
    name, role, pod = named
    command = [sys.executable, "-m", "camera_runtime", role, "--port", str(port)]
    command += ["--config", str(folder / f"{name}.json"), "--live", str(folder / "live.json")]
    environment = {**os.environ, "OTEL_SERVICE_NAME": name, "OTEL_EXPORTER_OTLP_ENDPOINT": plan.otlp}
    environment |= {"OTEL_BSP_SCHEDULE_DELAY": "200", "FRAMETRACE_POD_NAME": pod}
    environment |= {"OTEL_RESOURCE_ATTRIBUTES": "k8s.namespace.name=local", **(plan.environment or {})}
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=log, stderr=log)
