"""Installs version 0.1.0, lets pipelines run, upgrades to this checkout, goes back, and tells what it cost them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from frametrace_api.group import ROLLBACK_TRACING

from scripts.cluster.console import step
from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.demo.pipeline import ready_state
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for
from scripts.upgrade.compare import Snapshot, snapshot_of, whose_frames
from scripts.upgrade.earlier import VERSION, earlier_tree
from scripts.upgrade.fleet import as_list, fleet, namespace, shared_backends
from scripts.upgrade.plan import Plan
from scripts.upgrade.quiet import Quiet
from scripts.upgrade.release import Release
from scripts.upgrade.tracked import Tracked
from scripts.upgrade.turns import Kind, Turn, judged

__all__ = ["Images", "there_and_back"]

_OF_PIPELINES = "frametrace.dev/pipeline"
_READY_SECONDS, _QUIET_SECONDS = 480.0, 600.0


@dataclass(frozen=True, slots=True)
class Images:
    """Images of both versions."""

    earlier_operator: str
    earlier_runtime: str
    operator: str
    runtime: str


def there_and_back(target: Target, images: Images, folder: Path, plan: Plan) -> list[Turn]:
    """Upgrade the operator under running pipelines, go back, and upgrade it with the runtime if that is planned.

    Raises:
        ClusterError: the history lacks the earlier version, helm refuses, or pipelines do not become Ready.
    """
    with _space(target) as space:
        release = Release(target, space, folder)
        earlier, new = _values(images.earlier_operator, images.earlier_runtime, space), {"resyncSeconds": 5}
        with step(f"install {VERSION}"):
            release.put(earlier, earlier_tree() / "charts" / "frametrace")
        try:
            with step(f"start {plan.pipelines} pipelines"):
                _start(target, space, plan)
            if plan.rolled_back:
                _roll_back_one(target, space)
            upgraded = _values(images.operator, images.earlier_runtime, space) | {"operator": new}
            whole = _values(images.operator, images.runtime, space) | {"operator": new}
            watch = _Watch(release, plan)
            turns = [
                watch.turn(Kind.UPGRADE, lambda: release.put(upgraded)),
                watch.turn(Kind.RETURN, lambda: release.roll_back(1)),
            ]
            if plan.with_runtime:
                turns.append(watch.turn(Kind.WITH_RUNTIME, lambda: release.put(whole)))
            return turns
        finally:
            target.ask("remove pipelines", "-n", space, "delete", "camerapipelines", "--all", "--wait=false")
            release.uninstall()


def _values(operator: str, runtime: str, space: str) -> dict[str, Any]:
    named = {"operator": operator, "runtime": runtime, "redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE}
    return {"images": named, "shard": space, "watchNamespaces": [space], "crds": {"install": True, "keep": True}}


@contextmanager
def _space(target: Target) -> Iterator[str]:
    name = f"upgrade-{uuid.uuid4().hex[:8]}"
    target.ask("make the namespace", "apply", "-f", "-", stdin=json.dumps(namespace(name)))
    try:
        yield name
    finally:
        target.ask("remove the namespace", "delete", "namespace", name, "--wait=false")


def _start(target: Target, space: str, plan: Plan) -> None:
    count = plan.pipelines
    if count > 1:
        target.ask("apply the backends", "-n", space, "apply", "-f", "-", stdin=as_list(shared_backends(space)))
        for name in ("redis", "jaeger"):
            rollout = ("rollout", "status", f"deployment/{name}", "--timeout=90s")
            target.ask(f"wait for {name}", "-n", space, *rollout)
    target.ask("apply the pipelines", "-n", space, "apply", "-f", "-", stdin=as_list(fleet(count, space, plan.guard)))

    def look() -> tuple[bool | None, str]:
        items = _pipelines(target, space)
        ready = [ready_state(item) for item in items]
        healthy = [
            (item["status"].get("tracing") or {}).get("state") == "Healthy" for item in items if "status" in item
        ]
        unknown = [name for item in items for name in _unknown(item)]
        waits = next((reason for is_ready, reason in ready if not is_ready), f"tracing is not Healthy, or {unknown}")
        done = all(is_ready for is_ready, _ in ready) and all(healthy) and len(healthy) == count and not unknown
        return (True if done else None), f"{sum(is_ready for is_ready, _ in ready)} of {count} Ready: {waits}"

    wait_for("wait until all pipelines are Ready", look, seconds=_READY_SECONDS)


def _unknown(pipeline: dict[str, Any]) -> list[str]:
    """Conditions that a little time will tell by itself, whatever the operator's version."""
    told = pipeline.get("status", {}).get("conditions", ())
    return [f"{one['type']} is Unknown" for one in told if one["status"] == "Unknown"]


def _roll_back_one(target: Target, space: str) -> None:
    name = fleet(1, space)[0]["metadata"]["name"]
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    target.ask("ask for a rollback", "-n", space, "annotate", "camerapipeline", name, f"{ROLLBACK_TRACING}={now}")

    def look() -> tuple[bool | None, str]:
        [item] = [item for item in _pipelines(target, space) if item["metadata"]["name"] == name]
        tracing = item["status"].get("tracing") or {}
        step_now = (tracing.get("lastRollback") or {}).get("step")
        done = (tracing.get("state"), step_now) == ("RolledBack", "Done") and ready_state(item)[0]
        return (True if done else None), f"{tracing.get('state')}, {step_now}"

    wait_for("wait until tracing is taken out", look, seconds=180)


class _Watch:
    """Looks at the fleet before and after each turn; what one left is what the next begins with."""

    def __init__(self, release: Release, plan: Plan) -> None:
        self._release, self._plan = release, plan
        self._before = self._settled()

    def turn(self, kind: Kind, change: Callable[[], None]) -> Turn:
        """Make a change, wait until an operator leads and all stayed as it is for the plan's time, and judge."""
        tracked = self._tracked() if kind.replaces else None
        if tracked:
            tracked.begin()
        before, began = self._before, time.monotonic()
        with tracked.followed() if tracked else nullcontext():
            with step(kind.value):
                change()
                self._release.wait_for_leader()
            seconds = time.monotonic() - began
            self._before = self._settled()
        return judged(kind, seconds, before, self._before, tracked.end() if tracked else None)

    def _tracked(self) -> Tracked:
        return Tracked(self._release.target, self._release.namespace, whose_frames(self._before))

    def _settled(self) -> Snapshot:
        """Return what is there once pods and templates stayed the same for as long as the guard takes to raise an alarm."""
        quiet = Quiet(self._plan.hold_seconds)

        def look() -> tuple[Snapshot | None, str]:
            found = _snapshot(self._release)
            return (found if quiet.held(time.monotonic(), found) else None), "pods or templates change"

        return wait_for("wait until pods stay as they are", look, seconds=_QUIET_SECONDS)


def _snapshot(release: Release) -> Snapshot:
    target, space = release.target, release.namespace
    deployments = target.read("read Deployments", "-n", space, "deployments", "-l", _OF_PIPELINES)["items"]
    pods = target.read("read pods", "-n", space, "pods", "-l", _OF_PIPELINES)["items"]
    return snapshot_of(_pipelines(target, space), deployments, pods)


def _pipelines(target: Target, space: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = target.read("read the pipelines", "-n", space, "camerapipelines")["items"]
    return found
