"""A whole pipeline as processes of this machine: capture, two stages, a real Redis, a real Jaeger."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from frame_tracking import Completeness, Journey, Ledger, Topology, judge

TREE = Topology.of([("motion", "capture"), ("again", "motion")])


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
        time.sleep(0.05)


@dataclass
class Running:
    """One process of the pipeline."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        until(lambda: "started" in self.log.read_text() or self.process.poll() is not None, 30, f"{self.name} starts")
        started = [json.loads(line) for line in self.log.read_text().splitlines() if '"started"' in line]
        assert started, f"{self.name} ended: {self.log.read_text()}"
        return int(started[0]["port"])

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @property
    def ledger(self) -> Ledger:
        return Ledger.model_validate_json(self.get("/ledger")[1])

    @property
    def entered(self) -> int:
        return sum(hop.entered for hop in self.ledger.hops)

    def end(self) -> tuple[int, float, dict[str, Any]]:
        """Send SIGTERM; return exit code, seconds it took, and the last line of the log."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        return code, time.monotonic() - begun, json.loads(self.log.read_text().splitlines()[-1])


@dataclass
class Pipeline:
    """A pipeline's contracts and processes."""

    folder: Path
    redis_url: str
    otlp_url: str
    query_url: str
    name: str
    running: list[Running] = field(default_factory=list)

    def live(self, cameras: tuple[str, ...] = ("cam01",), state: str = "On") -> None:
        edges = [{"name": name, "input": upstream} for name, upstream in TREE.stages]
        contract = {"revision": TREE.revision, "cameras": cameras, "stages": edges, "tracing": {"state": state}}
        fresh = self.folder / "live.new"
        fresh.write_text(json.dumps(contract))
        fresh.replace(self.folder / "live.json")

    def capture(self, url: str, login: tuple[str, str] = ("", ""), **more: object) -> Running:
        camera = {"id": "cam01", "url": url}
        for name, value in zip(("username", "password"), login, strict=True):
            (self.folder / name).write_text(value)
            camera |= {f"{name}_file": str(self.folder / name)} if value else {}
        networks = {"allow": ["127.0.0.0/8"]}
        return self._start("rtsp-capture", "capture", {"camera": camera, "networks": networks, **more})

    def stage(self, name: str, **more: object) -> Running:
        return self._start(name, "stage", {"name": name, "input": TREE.input_of(name), "handler": "motion", **more})

    def _start(self, name: str, role: str, contract: dict[str, object]) -> Running:
        reference = {"namespace": "test", "name": self.name, "uid": self.name}
        whole = {"role": role, "pipeline": reference, "broker": {"url": self.redis_url}, **contract}
        config, log = self.folder / f"{name}.json", self.folder / f"{name}.log"
        config.write_text(json.dumps(whole))
        command = [sys.executable, "-m", "camera_runtime", role, "--port", "0"]
        command += ["--config", str(config), "--live", str(self.folder / "live.json")]
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": self.otlp_url, "PYTHONPATH": str(self.folder)}
        with log.open("wb") as errors:
            self.running.append(Running(name, subprocess.Popen(command, stderr=errors, env=environment), log))
        return self.running[-1]

    def journeys(self) -> list[Journey]:
        query = f"{self.query_url}/api/traces?service=rtsp-capture&limit=20000&lookback=1h"
        tag = urllib.parse.quote(json.dumps({"pipeline.name": self.name}))
        with urllib.request.urlopen(f"{query}&tags={tag}", timeout=30) as answer:
            return [Journey.from_jaeger(trace) for trace in json.loads(answer.read())["data"]]

    def judged(self) -> dict[str, Completeness]:
        return {str(journey.frame_id): judge(journey, TREE) for journey in self.journeys()}


@pytest.fixture
def pipeline(tmp_path: Path, own_redis: Any, jaeger: Any) -> Iterator[Pipeline]:
    made = Pipeline(
        tmp_path, own_redis.url, jaeger.otlp_url, jaeger.query_url, f"yard-{os.getpid()}-{tmp_path.name[-12:]}"
    )
    made.live()
    yield made
    for each in made.running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
