"""Installs version 0.1.0, lets pipelines run, upgrades to this checkout, goes back, and tells what it cost them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from frametrace_api.group import ROLLBACK_TRACING

from scripts.cluster.console import step
from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.demo.pipeline import ready_state
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for
from scripts.upgrade.compare import Snapshot, lost_status, needless_restarts, snapshot_of, template_changes
from scripts.upgrade.earlier import VERSION, earlier_tree
from scripts.upgrade.fleet import as_list, fleet, namespace, shared_backends
from scripts.upgrade.release import Release

__all__ = ["Images", "Turn", "there_and_back"]

_RUNTIME, _OF_PIPELINES = "frametrace.dev/runtime=true", "frametrace.dev/pipeline"
_READY_SECONDS, _SETTLE_SECONDS = 480.0, 12.0


@dataclass(frozen=True, slots=True)
class Images:
    """Images of both versions; the runtime's is the earlier one throughout, so that nothing but the operator changes."""

    earlier_operator: str
    earlier_runtime: str
    operator: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one change of the operator's version did.

    Attributes:
        seconds: until the new operator led and had looked at all pipelines.
        templates: Deployments whose pods' template it changed: those pods are replaced rightly.
        restarted: pods that restarted though their template did not change.
        lost: what statuses told before and not after.
    """

    name: str
    seconds: float
    templates: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing restarted without a reason, and nothing was lost."""
        return not self.restarted and not self.lost


def there_and_back(target: Target, images: Images, folder: Path, count: int, *, one_rolled_back: bool) -> list[Turn]:
    """Upgrade with `count` running pipelines, and go back; one of them with its tracing taken out by a person, if asked for.

    Raises:
        ClusterError: the history lacks the earlier version, helm refuses, or pipelines do not become Ready.
    """
    with _space(target) as space:
        release = Release(target, space, folder)
        with step(f"install {VERSION}"):
            release.put(_values(images.earlier_operator, images, space), earlier_tree() / "charts" / "frametrace")
        try:
            with step(f"start {count} pipelines"):
                _start(target, space, count)
            if one_rolled_back:
                _roll_back_one(target, space)
            return [_upgrade(release, images), _return(release)]
        finally:
            target.ask("remove pipelines", "-n", space, "delete", "camerapipelines", "--all", "--wait=false")
            release.uninstall()


def _values(operator: str, images: Images, space: str) -> dict[str, Any]:
    servers = {"redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE}
    named = {"operator": operator, "runtime": images.earlier_runtime, **servers}
    return {"images": named, "shard": space, "watchNamespaces": [space], "crds": {"install": True, "keep": True}}


@contextmanager
def _space(target: Target) -> Iterator[str]:
    name = f"upgrade-{uuid.uuid4().hex[:8]}"
    target.ask("make the namespace", "apply", "-f", "-", stdin=json.dumps(namespace(name)))
    try:
        yield name
    finally:
        target.ask("remove the namespace", "delete", "namespace", name, "--wait=false")


def _start(target: Target, space: str, count: int) -> None:
    if count > 1:
        target.ask("apply the backends", "-n", space, "apply", "-f", "-", stdin=as_list(shared_backends(space)))
        for name in ("redis", "jaeger"):
            rollout = ("rollout", "status", f"deployment/{name}", "--timeout=90s")
            target.ask(f"wait for {name}", "-n", space, *rollout)
    target.ask("apply the pipelines", "-n", space, "apply", "-f", "-", stdin=as_list(fleet(count, space)))

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


def _upgrade(release: Release, images: Images) -> Turn:
    values = _values(images.operator, images, release.namespace) | {"operator": {"resyncSeconds": 5}}
    return _turn(release, "upgrade", lambda: release.put(values))


def _return(release: Release) -> Turn:
    return _turn(release, "return", lambda: release.roll_back(1))


def _turn(release: Release, name: str, change: Any) -> Turn:
    before = _settled(release)
    began = time.monotonic()
    with step(name):
        change()
        release.wait_for_leader()
    seconds = time.monotonic() - began
    after = _settled(release)
    return Turn(
        name,
        round(seconds, 1),
        template_changes(before, after),
        needless_restarts(before, after),
        lost_status(before, after),
    )


def _settled(release: Release) -> Snapshot:
    """Return what is there once pods stayed the same for some seconds, in which an operator has looked at all."""
    last: list[tuple[float, Snapshot]] = []

    def look() -> tuple[Snapshot | None, str]:
        now, found = time.monotonic(), _snapshot(release)
        if not last or last[-1][1].pods != found.pods or last[-1][1].templates != found.templates:
            last.append((now, found))
        return (found if now - last[-1][0] >= _SETTLE_SECONDS else None), "pods or templates change"

    return wait_for("wait until pods stay as they are", look, seconds=300)


def _snapshot(release: Release) -> Snapshot:
    target, space = release.target, release.namespace
    deployments = target.read("read Deployments", "-n", space, "deployments", "-l", _OF_PIPELINES)["items"]
    pods = target.read("read pods", "-n", space, "pods", "-l", _RUNTIME)["items"]
    return snapshot_of(_pipelines(target, space), deployments, pods)


def _pipelines(target: Target, space: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = target.read("read the pipelines", "-n", space, "camerapipelines")["items"]
    return found
