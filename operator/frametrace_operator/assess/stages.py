"""Stages: what each one does, and which cameras' frames do not reach which leaves. Pure."""

from collections.abc import Iterator
from typing import Final

from frame_tracking import Topology
from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.conditions import StalledReason
from frametrace_api.stages import Stage
from frametrace_api.status import StageState, StageStatus

from frametrace_operator.assess.facts import Facts
from frametrace_operator.kube.kinds import DEPLOYMENT
from frametrace_operator.naming import Role
from frametrace_operator.texts import clipped

_MOST_NAME: Final = 100
_UNLESS_ASKED: Final = 1
"""Pods of a Deployment that says nothing of them."""

__all__ = ["stages", "topology", "unreached"]


def stages(facts: Facts) -> tuple[StageStatus, ...]:
    """A line a stage, in the spec's order."""
    return tuple(_status(facts, stage) for stage in facts.pipeline.spec.stages)


def topology(facts: Facts) -> Topology:
    """The tree that the stages form."""
    return Topology.of((stage.name, stage.input) for stage in facts.pipeline.spec.stages)


def unreached(facts: Facts) -> list[tuple[str, str]]:
    """(camera, leaf) where lately no frame arrived; one that a hop above ended well has, unless others wait on the way down."""
    tree = topology(facts)
    cameras = [camera.id for camera in facts.pipeline.spec.cameras]
    return [(camera, leaf) for leaf in tree.leaves for camera in cameras if not _arrives(facts, tree, camera, leaf)]


def _arrives(facts: Facts, tree: Topology, camera: str, leaf: str) -> bool:
    flow = facts.seen.flow
    places = ((hop, camera) for hop in _above(tree, leaf))
    last = next((place for place in places if place in flow.finished | flow.behind), None)
    return last in flow.finished


def _above(tree: Topology, hop: str) -> Iterator[str]:
    """The hop and all hops before it."""
    yield hop
    while hop != tree.hops[0]:
        hop = tree.input_of(hop)
        yield hop


def _status(facts: Facts, stage: Stage) -> StageStatus:
    wanted, ready = _wanted(facts, stage), facts.count_ready(Role.STAGE, stage.name)
    state, reason, message = _judge(facts, stage)
    return StageStatus(
        name=stage.name,
        state=state,
        replicas=wanted,
        ready_replicas=min(ready, wanted),  # a pod more while they are replaced is no news
        reason=reason,
        message=clipped(message, MAX_MESSAGE) or None,
    )


def _wanted(facts: Facts, stage: Stage) -> int:
    """How many pods the stage should have: as just written, or as its Deployment has it, or will have once it is made."""
    written = (child.body for child in facts.outcome.written if (child.role, child.item) == (Role.STAGE, stage.name))
    asked = next((body["spec"].get("replicas") for body in written if body["kind"] == DEPLOYMENT.kind), None)
    if asked is not None:
        return int(asked)
    seen = facts.workload(Role.STAGE, stage.name)
    if seen is not None:
        return seen.replicas
    return 0 if facts.suspended else stage.replicas or _UNLESS_ASKED


def _judge(facts: Facts, stage: Stage) -> tuple[StageState, str, str]:
    if facts.suspended:
        return _at_rest(facts, stage)
    if not facts.ready(Role.STAGE, stage.name):
        trouble = facts.trouble(Role.STAGE, stage.name)
        if trouble is None:
            return StageState.STARTING, "Starting", "its pods are being started"
        return StageState.UNAVAILABLE, trouble.stalled or StalledReason.ROLLOUT_STUCK, trouble.message
    unreadable = facts.unreadable(Role.STAGE, stage.name)
    if unreadable:
        return StageState.UNKNOWN, "Unknown", f"its pods do not answer the operator: {unreadable}"
    return _flow(facts, stage)


def _at_rest(facts: Facts, stage: Stage) -> tuple[StageState, str, str]:
    workload = facts.workload(Role.STAGE, stage.name)
    if workload is not None and workload.woken_by:
        return StageState.SUSPENDED, "WokenByAutoscaler", _woken(workload.woken_by)
    if facts.any_pod(Role.STAGE, stage.name):
        return StageState.RUNNING, "Draining", "what is in flight is handled before its pods go"
    return StageState.SUSPENDED, "Suspended", ""


def _woken(who: str) -> str:
    way = 'for KEDA, annotate its ScaledObject with autoscaling.keda.sh/paused-replicas: "0"'
    return f"{clipped(who, _MOST_NAME)} runs pods of it though the pipeline rests, and they do nothing; pause it: {way}"


def _flow(facts: Facts, stage: Stage) -> tuple[StageState, str, str]:
    """What the counts say of a stage whose pods run: nothing is asked of it while nothing comes in."""
    flow = facts.seen.flow
    waiting = {camera for hop, camera in flow.passed if hop == stage.input} - {
        camera for hop, camera in flow.finished if hop == stage.input
    }
    handled = {camera for hop, camera in flow.passed if hop == stage.name}
    behind = sorted((waiting - handled) | _owed(facts, stage.name))
    if not behind:
        return StageState.RUNNING, "Running", ""
    if any((stage.name, camera) in flow.failed for camera in behind):
        return (
            StageState.UNAVAILABLE,
            "FramesFail",
            f"every frame of {', '.join(behind)} fails in it; its traces and logs say why",
        )
    if stage.name in flow.slow:  # their turn comes; that it has not come for very long, Ready says
        return StageState.RUNNING, "Running", ""
    if any((stage.name, camera) in flow.known for camera in behind):
        return (
            StageState.UNAVAILABLE,
            "NotProcessing",
            f"frames of {', '.join(behind)} wait, and none is handled; its logs say why",
        )
    return StageState.STARTING, "Starting", "no frame has been handled yet"


def _owed(facts: Facts, stage: str) -> set[str]:
    """Cameras of which a stage before handed frames on, whatever it did with others."""
    cameras = {camera.id for camera in facts.pipeline.spec.cameras}
    return {camera for hop, camera in facts.seen.flow.behind if hop == stage} & cameras
