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
from frame_tracking import Ledger, Topology
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
    """

    def __init__(self, proxy: LossyOtlp, log: Path) -> None:
        self._proxy, self._log = proxy, log
        self._lives = 0
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, fps: float, skew: float = 0.0) -> frozenset[Target]:
        """Start; return its pods, which are others each time."""
        environment = {
            **os.environ,
            "OTEL_EXPORTER_OTLP_ENDPOINT": self._proxy.url,
            "OTEL_BSP_MAX_QUEUE_SIZE": "20000",
            "OTEL_BSP_SCHEDULE_DELAY": "1000",
            PORT_VARIABLE: str(self.port),
        }
        command = [sys.executable, "-m", "scripts.bench.guard_parts.feeder", "--fps", str(fps), "--skew", str(skew)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=log)
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"the feeder did not start, see {self._log}")
        self._lives += 1
        return frozenset(Target(hop, f"{hop}-{self._lives}", address_of(hop), hop) for hop in TREE.hops)

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
    return frozenset(Target(service, service, str(port)) for service, port in pipeline.ports.items())


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
                yield cls(watch, watched, found)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def follow(self, targets: frozenset[Target]) -> None:
        """Watch other pods from now on."""
        self.watched = replace(self.watched, targets=targets)
        self.watch.follow(KEY, self.watched)

    @property
    def evidence(self) -> Evidence:
        """All that is known."""
        return self.watch.evidence(KEY)

    async def gathered(self, seconds: float) -> list[AuditFinding]:
        """Wait; return what was found meanwhile."""
        await asyncio.sleep(seconds)
        return [self.found.get_nowait() for _ in range(self.found.qsize())]


def watched(targets: frozenset[Target], jaeger: JaegerServer, tree: Topology = TREE, **settings: int) -> Watched:
    """What the watch is told."""
    at = JaegerAt(jaeger.query_url, metrics_url=jaeger.metrics_url)
    return Watched(targets, tree, at, life="process", **settings)  # type: ignore[arg-type]  # all of them are whole numbers
