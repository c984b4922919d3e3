"""A world for the operator's tests: a cluster in memory, pods that answer, a clock that stands, and one call: `reconcile`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking import HopCount, Ledger, SpanCount
from frame_tracking.ledger import BrokerState, CameraState
from frametrace_operator.act import Actor
from frametrace_operator.events import Recorder
from frametrace_operator.fleet import Fleet
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.guarding import Guarding
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import DEPLOYMENT, EVENT, PIPELINE, POD
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.metrics import Metrics
from frametrace_operator.observe import Observer
from frametrace_operator.parts import Parts
from frametrace_operator.platform import Platform
from frametrace_operator.pods.book import Book
from frametrace_operator.pods.memory import MemoryLedgers
from frametrace_operator.reconcile import Reconciler, Result
from frametrace_operator.report import Reporter
from frametrace_operator.rewrites import Rewrites

Body = dict[str, Any]
NAMESPACE = "site-a"
SPEC: Body = {
    "cameras": [{"id": "cam01", "source": {"url": "rtsp://cameras.example/one"}}],
    "stages": [{"name": "motion", "handler": "motion"}],
}


class Measured:
    """Measures nothing: what was measured is what the test says."""

    def __init__(self, world: World) -> None:
        self._world = world

    def follow(self, _key: PipelineKey, watched: Watched) -> Evidence:
        """What the test says."""
        self._world.watched = watched
        return self._world.evidence

    def evidence(self, _key: PipelineKey) -> Evidence:
        """What the test says."""
        return self._world.evidence

    def forget(self, _key: PipelineKey) -> None:
        """It is measured no more."""
        self._world.watched = None


class World:
    """One namespace with pipelines, and the operator's parts around it."""

    def __init__(self) -> None:
        self.kube = MemoryKube()
        self.ledgers = MemoryLedgers()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.metrics = Metrics()
        self.fleet = Fleet(self.metrics.pipelines)
        self.may_write: Callable[[], None] = lambda: None
        self.platform = Platform("rt:1", "redis:1", "jaeger:1", "frametrace-system", (), ())
        self.shard = ""
        self.evidence = Evidence()
        self.watched: Watched | None = None
        self._frames = 0
        self.restart()

    def restart(self) -> None:
        """Another operator takes over: all that one keeps in memory is gone."""
        self.book: Book[PipelineKey] = Book(self.ledgers, self._seconds)
        self.reporter = Reporter(self.kube, Recorder(self.kube, "one"), self._fence)
        self.rewrites = Rewrites()
        self._reconciler = self._begin()

    def _begin(self) -> Reconciler:
        observer, actor = Observer(self.kube, self.book, lambda: self.now), Actor(self.kube, self._fence)
        parts = Parts(observer, actor, self.reporter, self.rewrites, Guarding(Measured(self)))
        book, fleet, metrics = self.book, self.fleet, self.metrics
        return Reconciler(self.kube, lambda: self.platform, book, fleet, parts, metrics, shard=self.shard)

    def _seconds(self) -> float:
        return self.now.timestamp()

    def _fence(self) -> None:
        self.may_write()

    def apply(self, name: str = "yard", **spec: Any) -> Body:
        """A person applies a pipeline."""
        body = {"apiVersion": PIPELINE.api_version, "kind": PIPELINE.kind, "spec": {**SPEC, **spec}}
        return self.kube.put(body | {"metadata": {"name": name, "namespace": NAMESPACE}})

    def change(self, name: str = "yard", **spec: Any) -> None:
        """A person changes a pipeline's spec."""
        self.kube.edit(PIPELINE, NAMESPACE, name, lambda body: body["spec"].update(spec))

    async def reconcile(self, name: str = "yard") -> Result:
        """One pass."""
        return await self._reconciler.reconcile(PipelineKey(NAMESPACE, name), self.now)

    async def settle(self, name: str = "yard") -> None:
        """Passes until nothing is written any more; at most ten."""
        for _ in range(10):
            before = len(self.kube.writes)
            await self.reconcile(name)
            if len(self.kube.writes) == before:
                return
        raise AssertionError(f"still writing: {self.kube.writes[-5:]}")

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    def run_pods(self, *, only: str = "") -> None:
        """Every Deployment (of one role, if given) gets the pods that it wants, ready."""
        for number, body in enumerate(self.kube.objects(DEPLOYMENT), start=1):
            if only in ("", body["metadata"]["labels"]["frametrace.dev/role"]):
                self._run(body, f"10.0.0.{number}")

    def _run(self, body: Body, ip: str) -> None:
        name, wanted = body["metadata"]["name"], body["spec"].get("replicas", 1)
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), wanted)
        status = counts | {"observedGeneration": body["metadata"]["generation"]}
        self.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live.update(status=status))
        if wanted:
            self.pod(
                name, status={"phase": "Running", "podIP": ip, "conditions": [{"type": "Ready", "status": "True"}]}
            )
        elif self.pods(f"{name}-1"):
            self.kube.remove(POD, NAMESPACE, f"{name}-1")

    def pod(self, deployment: str, *, status: Body) -> None:
        """The one pod of a Deployment, in this state."""
        body = next(body for body in self.kube.objects(DEPLOYMENT) if body["metadata"]["name"] == deployment)
        owner = {
            "apiVersion": DEPLOYMENT.api_version,
            "kind": DEPLOYMENT.kind,
            "name": deployment,
            "uid": body["metadata"]["uid"],
        }
        labels = body["spec"]["template"]["metadata"]["labels"]
        metadata = {
            "name": f"{deployment}-1",
            "namespace": NAMESPACE,
            "labels": labels,
            "ownerReferences": [owner | {"controller": True}],
        }
        spec = body["spec"]["template"]["spec"]
        self.kube.put({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})

    def pods(self, name: str) -> list[Body]:
        """The pods of that name."""
        return [body for body in self.kube.objects(POD) if body["metadata"]["name"] == name]

    def ip(self, role: str, item: str = "") -> str:
        """Address of the pod of a role."""
        wanted = {"frametrace.dev/role": role} | (
            {f"frametrace.dev/{'camera' if role == 'capture' else 'stage'}": item} if item else {}
        )
        found = [body for body in self.kube.objects(POD) if wanted.items() <= body["metadata"]["labels"].items()]
        return str(found[0]["status"]["podIP"])

    def deployment(self, role: str, item: str = "") -> Body:
        """The Deployment of a role."""
        key = "frametrace.dev/camera" if role == "capture" else "frametrace.dev/stage"
        bodies = self.kube.objects(DEPLOYMENT)
        return next(
            body
            for body in bodies
            if body["metadata"]["labels"]["frametrace.dev/role"] == role
            and body["metadata"]["labels"].get(key, "") == item
        )

    def flow(
        self, *, cameras: tuple[str, ...] = ("cam01",), stages: tuple[str, ...] = ("motion",), frames: int = 30
    ) -> None:
        """Frames of these cameras flow through these stages to the end of the last one, all traced and exported."""
        self._frames += frames
        for camera in cameras:
            self.ledgers.put(
                self.ip("capture", camera),
                self.ledger("capture", (camera,), cameras=(CameraState(id=camera, connected=True),)),
            )
        for stage in stages:
            self.ledgers.put(self.ip("stage", stage), self.ledger(stage, cameras, last=stage == stages[-1]))

    def ledger(self, hop: str, seen: tuple[str, ...], *, last: bool = False, **fields: Any) -> Ledger:
        """A process's ledger after all frames so far."""
        n = self._frames
        counts: Body = {"ended": {"completed": n}} if last else {"left": n}
        hops = tuple(
            HopCount(camera=camera, hop=hop, session="aaaaa", entered=n, last_frame=self.now.timestamp(), **counts)
            for camera in seen
        )
        broker = BrokerState(connected=True)
        known = {"spans": SpanCount(created=n, exported=n), "broker": broker, **fields}
        return Ledger(pipeline="yard", service=hop, pod=hop, revision="r", started=1.0, hops=hops, **known)

    def camera_says(self, camera: str, *, reason: str, message: str) -> None:
        """A capture has lost its camera."""
        state = CameraState(id=camera, connected=False, reason=reason, message=message)
        self.ledgers.put(self.ip("capture", camera), self.ledger("capture", (camera,), cameras=(state,)))

    async def ready(self, name: str = "yard", **spec: Any) -> None:
        """A pipeline is applied, its pods run and frames flow."""
        self.apply(name, **spec)
        await self.settle(name)
        self.run_pods()
        resource = self.resource(name)
        self.flow(
            cameras=tuple(camera["id"] for camera in resource["spec"]["cameras"]),
            stages=tuple(stage["name"] for stage in resource["spec"]["stages"]),
        )
        await self.book.refresh()
        await self.settle(name)

    def resource(self, name: str = "yard") -> Body:
        """The pipeline as it stands in the cluster."""
        return next(body for body in self.kube.objects(PIPELINE) if body["metadata"]["name"] == name)

    def condition(self, kind: str, name: str = "yard") -> tuple[str, str]:
        """Status and reason of a condition."""
        found = self._condition(kind, name)
        return found["status"], found["reason"]

    def message(self, kind: str, name: str = "yard") -> str:
        """Message of a condition."""
        return str(self._condition(kind, name)["message"])

    def _condition(self, kind: str, name: str) -> Body:
        return next(found for found in self.resource(name)["status"]["conditions"] if found["type"] == kind)

    def events(self) -> list[tuple[str, str, str]]:
        """All Events: type, reason, note."""
        return [(body["type"], body["reason"], body["note"]) for body in self.kube.objects(EVENT)]


@pytest.fixture
def world() -> World:
    return World()
