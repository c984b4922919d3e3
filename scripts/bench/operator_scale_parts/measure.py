"""The measurements, each on a running control plane. What is measured is in the docstrings; nothing is judged here."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from frametrace_api.contract import HTTP_PORT

from scripts.bench.operator_scale_parts import fleet
from scripts.bench.operator_scale_parts.audit import beside_children, writes
from scripts.bench.operator_scale_parts.cluster_watch import LONGEST_CHANGE, connected
from scripts.bench.operator_scale_parts.operator import Operator, running_operator
from scripts.bench.operator_scale_parts.plane import Plane, control_plane
from scripts.bench.operator_scale_parts.processes import peak_mebibytes, processor_seconds, resident_mebibytes
from scripts.prove.results import ROOT
from scripts.servers.processes import stop

__all__ = ["Changes", "Quiet", "Ramp", "change", "kubectl_seconds", "ramp", "restart", "site"]

_LONGEST: Final = 1200.0
_LOGS: Final = "operator.log"


@dataclass(frozen=True, slots=True)
class Ramp:
    """From apply to Ready.

    Attributes:
        seconds: from the start of `kubectl apply` until the last pipeline was Ready.
        peak: the most memory that the operator had, in MiB.
        processor: processor seconds of each process meanwhile.
        writes: the operator's writes meanwhile, the Lease's left out.
    """

    pipelines: int
    seconds: float
    peak: float
    processor: dict[str, float]
    writes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of changes.

    Attributes:
        seconds: until each change was in its Deployment, in rising order.
        lost: pipelines whose change was lost.
        most_beside_children: the most writes, for one change, about the pipeline itself: its status and Events.
        writes: the operator's writes meanwhile, the Lease's left out.
    """

    seconds: tuple[float, ...]
    lost: tuple[str, ...]
    most_beside_children: int
    writes: dict[str, int]

    def quantile(self, part: float) -> float:
        """The time that this part of all changes took at most; a lost one took longer than all others."""
        rank = max(0, round((len(self.seconds) + len(self.lost)) * part) - 1)
        return self.seconds[rank] if rank < len(self.seconds) else LONGEST_CHANGE


@dataclass(frozen=True, slots=True)
class Quiet:
    """After a restart: seconds until every pipeline was looked at, and the writes from then on, the Lease's left out."""

    seconds: float
    idle_seconds: float
    writes: dict[str, int]
    resident: float
    processor_share: float


@contextmanager
def site() -> Iterator[Plane]:
    """A fresh control plane, and a stub that answers for the pods and their Jaeger."""
    with control_plane() as plane:
        ports = (str(HTTP_PORT), str(fleet.QUERY_PORT))
        command = [sys.executable, "-m", "scripts.bench.operator_scale_parts.guard_stub", *ports]
        answering = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert answering.stdout is not None
        answering.stdout.readline()
        try:
            yield plane
        finally:
            stop(answering)


def kubectl_seconds(plane: Plane, pipelines: int) -> float:
    """How long `kubectl apply --server-side` takes for the children of so many pipelines."""
    _apply(plane, fleet.namespaces("plain", pipelines))
    path = plane.layout.root / "children.json"
    path.write_text(_listed(list(fleet.plain_children("plain", pipelines))))
    begun = time.monotonic()
    plane.kubectl("apply", "--server-side", "-f", str(path))
    return time.monotonic() - begun


def ramp(plane: Plane, operator: Operator, pipelines: int, window: int = 30) -> Ramp:
    """Apply so many pipelines at once, the guard's windows so many seconds long, and wait until all are Ready."""
    _apply(plane, fleet.namespaces("scale", pipelines))
    before = _processor(plane, operator)
    moment, begun = _moment(), time.monotonic()
    done = asyncio.run(_apply_and_wait(plane, pipelines, window))
    after = _processor(plane, operator)
    spent = {name: round(after[name] - seconds, 1) for name, seconds in before.items()}
    return Ramp(pipelines, done - begun, peak_mebibytes(operator.pid), spent, _counted(plane, moment))


def change(plane: Plane, operator: Operator, pipelines: int, changes: int, calm: float) -> Changes:
    """Change one pipeline after the other, no pipeline twice, and wait for each one's Deployment.

    What was written is counted once nothing was for `calm` seconds.
    """
    operator.wait_until_it_writes_no_more(calm)
    moment = _moment()
    chosen = [fleet.place("scale", number * 7919 % pipelines) for number in range(changes)]

    async def make() -> tuple[list[float], list[str]]:
        took, lost = list[float](), list[str]()
        async with connected(plane.layout) as api:
            for number, place in enumerate(chosen):
                try:
                    took.append(await api.seconds_to_deployment(*place, f"n{number}"))
                except TimeoutError:
                    lost.append("/".join(place))
        return took, lost

    took, lost = asyncio.run(make())
    operator.wait_until_it_writes_no_more(calm)
    found = writes(plane.audit_logs(), moment)
    most = max(beside_children(found).values(), default=0)
    return Changes(tuple(sorted(took)), tuple(lost), most, dict(Counter(write.what for write in found)))


def restart(plane: Plane, pipelines: int, idle_seconds: float) -> Quiet:
    """Start an operator that finds everything as it should be, and watch it do nothing."""
    moment, begun = _moment(), time.monotonic()
    with running_operator(plane.kubeconfig, plane.layout.logs / _LOGS) as operator:
        operator.wait_until_it_knows(pipelines, _LONGEST)
        seconds, used = time.monotonic() - begun, processor_seconds(operator.pid)
        time.sleep(idle_seconds)
        share = (processor_seconds(operator.pid) - used) / idle_seconds
        resident = resident_mebibytes(operator.pid)
        found = _counted(plane, moment)
    return Quiet(seconds, idle_seconds, found, resident, share)


def _counted(plane: Plane, moment: str) -> dict[str, int]:
    return dict(Counter(write.what for write in writes(plane.audit_logs(), moment)))


async def _apply_and_wait(plane: Plane, pipelines: int, window: int) -> float:
    path = plane.layout.root / "pipelines.json"
    path.write_text(_listed(fleet.pipelines("scale", pipelines, window)))
    async with connected(plane.layout) as api, asyncio.timeout(_LONGEST), asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(plane.kubectl, "apply", "--server-side", "-f", str(path)))
        ready = group.create_task(api.until_ready(pipelines))
    return ready.result()


def _processor(plane: Plane, operator: Operator) -> dict[str, float]:
    return plane.processor_seconds() | {"operator": processor_seconds(operator.pid)}


def _apply(plane: Plane, bodies: list[dict[str, Any]]) -> None:
    plane.kubectl("apply", "--server-side", "-f", "-", stdin=_listed(bodies))


def _listed(bodies: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
