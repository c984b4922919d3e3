"""A pipeline, a lossy proxy and a Jaeger, all real and each a process of its own; and the operator's watch over them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, Ledger, Topology
from frametrace_operator.guard.audit.shares import WHOLE
from frametrace_operator.guard.evidence import AuditFinding, Evidence
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.jaeger.real import HttpJaegers
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.pods.base import Asked, Target
from frametrace_operator.pods.real import HttpLedgers

from scripts.bench.guard_parts.feeder import PORT_VARIABLE, TREE, address_of
from scripts.servers.jaeger import JaegerServer
from scripts.servers.lossy_otlp import LossyOtlp
from scripts.servers.pipeline import LocalPipeline
from scripts.servers.processes import free_port, stop

__all__ = ["KEY", "Feeder", "PortLedgers", "Watching", "targets_of", "watched"]

_ROOT = Path(__file__).resolve().parents[3]
KEY = "line"


class Feeder:
    """The pipeline of `feeder.py` as a process, that can be ended and begun again.

    Args:
        proxy: where its spans go.
        log: what it writes.
        delay_ms: milliseconds until spans leave; None for the runtime's own default.
    """

    def __init__(self, proxy: LossyOtlp, log: Path, delay_ms: int | None = 1000) -> None:
        self._log = log
        delay = {} if delay_ms is None else {"OTEL_BSP_SCHEDULE_DELAY": str(delay_ms)}
        self._environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": proxy.url, "OTEL_BSP_MAX_QUEUE_SIZE": "20000", **delay}
        self._lives = 0
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, fps: float, skew: float = 0.0) -> frozenset[Target]:
        """Start; return its pods, which are others each time."""
        environment = os.environ | self._environment | {PORT_VARIABLE: str(self.port)}
        module = ["scripts.bench.guard_parts.skewed", str(skew)] if skew else ["scripts.bench.guard_parts.feeder"]
        command = [sys.executable, "-m", *module, "--fps", str(fps)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the feeder did not start, see {self._log}")
        self._lives += 1
        return frozenset(Target(hop, f"{hop}-{self._lives}", address_of(hop), hop) for hop in TREE.hops)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def end(self, *, kill: bool = False) -> None:
        """End it; all its spans leave, unless it is killed."""
        if self._process is None:
            return
        if kill:
            self._process.kill()
        stop(self._process)
        self._process = None


def targets_of(pipeline: LocalPipeline) -> frozenset[Target]:
    """The pods of a pipeline of processes; a port stands for an address."""
    named = {service: f"{service}-{pipeline.processes[service].pid}" for service in pipeline.ports}
    return frozenset(
        Target(named[service], named[service], str(port), CAPTURE_HOP if service == CAPTURE_SERVICE else service)
        for service, port in pipeline.ports.items()
    )


class PortLedgers:
    """Ledgers of this machine's processes, each at a port of its own, which is its target's address."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def read(self, target: Target, asked: Asked | None = None) -> Ledger:
        """The process's ledger."""
        here = replace(target, ip="127.0.0.1")
        return await HttpLedgers(self._session, port=int(target.ip)).read(here, asked)


@dataclass
class Watching:
    """The watch over one pipeline, and what it found."""

    watch: Watch[str]
    watched: Watched
    found: asyncio.Queue[AuditFinding]
    task: asyncio.Future[None]

    @classmethod
    @asynccontextmanager
    async def over(cls, watched: Watched, port: int | None = None, whole: int = WHOLE) -> AsyncIterator[Watching]:
        """Watch a feeder's pipeline at its port, or one of processes; of more than `whole` frames, take a sample of so many."""
        async with aiohttp.ClientSession() as session:
            found: asyncio.Queue[AuditFinding] = asyncio.Queue()
            known: list[AuditFinding] = []

            def changed(key: str) -> None:
                for audit in watch.evidence(key).audits:
                    if audit not in known[-40:]:
                        known.append(audit)
                        found.put_nowait(audit)

            ledgers = PortLedgers(session) if port is None else HttpLedgers(session, port=port)
            watch: Watch[str] = Watch(
                ledgers, HttpJaegers(session, allow=("127.0.0.0/8",)), changed, spread=False, whole=whole
            )
            task = asyncio.ensure_future(watch.run())
            watch.follow(KEY, watched)
            try:
                yield cls(watch, watched, found, task)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def follow(self, targets: frozenset[Target] | None = None, life: str | None = None) -> None:
        """Watch other pods from now on, or another life of Jaeger's."""
        known = self.watched
        targets, life = known.targets if targets is None else targets, known.life if life is None else life
        self.watched = replace(known, targets=targets, life=life)
        self.watch.follow(KEY, self.watched)

    @property
    def evidence(self) -> Evidence:
        """All that is known."""
        return self.watch.evidence(KEY)

    async def gathered(self, seconds: float) -> list[AuditFinding]:
        """Wait; return what was found meanwhile.

        Raises:
            RuntimeError: if the watch ended.
        """
        await asyncio.wait([self.task], timeout=seconds)
        if self.task.done():
            raise RuntimeError("the watch ended") from self.task.exception()
        return [self.found.get_nowait() for _ in range(self.found.qsize())]


def watched(
    targets: frozenset[Target], jaeger: JaegerServer, tree: Topology = TREE, *, external: bool = False, **settings: int
) -> Watched:
    """What the watch is told: of an external Jaeger neither its metrics, nor which life it is in."""
    at = JaegerAt(jaeger.query_url, metrics_url="" if external else jaeger.metrics_url)
    life = "" if external else str(jaeger.pid)
    return Watched(targets, tree, at, life=life, **settings)  # type: ignore[arg-type]  # all of them are whole numbers
