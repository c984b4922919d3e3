"""The summary: Ready, Reconciling and Stalled, and the whole status. Pure; the times are filled in by `transitions`."""

from collections.abc import Iterator
from typing import Final

from frametrace_api.conditions import ConditionType, ReadyReason, ReconcilingReason, StalledReason
from frametrace_api.group import SUSPEND
from frametrace_api.status import CameraState, CameraStatus, ConditionStatus, StageState, StageStatus

from frametrace_operator.assess.assessment import Assessment
from frametrace_operator.assess.broker import broker_available
from frametrace_operator.assess.cameras import cameras, capture_available
from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.assess.obstacles import Obstacle, first_obstacle
from frametrace_operator.assess.page import page_status
from frametrace_operator.assess.rollback import changing_tracing, rolled_back, within_budget
from frametrace_operator.assess.stages import stages, unreached
from frametrace_operator.assess.traces import traces_flowing, tracing_status
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.kube.kinds import DEPLOYMENT
from frametrace_operator.suspend import draining, lost_pods
from frametrace_operator.suspension import refused, suspended_at

__all__ = ["assess", "assess_invalid", "retrying"]

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN
_MOST_NAMED: Final = 5
_AWAITED: Final = frozenset({ReconcilingReason.DRAINING, ReconcilingReason.CHANGING_TRACING})
"""What somebody waits for who asked for it: that writes fail on the way is told beside it."""


def assess(facts: Facts) -> Assessment:
    """All that is true of a pipeline now."""
    lines, steps = cameras(facts), stages(facts)
    obstacle, broker = first_obstacle(facts), broker_available(facts)
    stalled = _stalled(obstacle)
    reconciling = _reconciling(facts, stalled)
    ready = _ready(facts, lines, steps, obstacle, broker)
    verdicts = (
        ready,
        reconciling,
        stalled,
        capture_available(lines),
        broker,
        traces_flowing(facts),
        rolled_back(facts),
        within_budget(facts),
    )
    mode = facts.pipeline.spec.mode
    return Assessment(mode, verdicts, lines, steps, tracing_status(facts), facts.plan.pending, page_status(facts))


def assess_invalid(message: str) -> tuple[Verdict, ...]:
    """What is true of a resource that cannot be carried out; the rest of its status stays as it was."""
    return (
        Verdict(ConditionType.READY, FALSE, ReadyReason.STALLED, message),
        Verdict(ConditionType.RECONCILING, FALSE, ReconcilingReason.UP_TO_DATE, "the last valid spec stays in force"),
        Verdict(ConditionType.STALLED, TRUE, StalledReason.INVALID_SPEC, message),
    )


def retrying(error: str, doing: str | None = None) -> Verdict:
    """Passes fail again and again, for this reason; beside what is under way, if somebody waits for that."""
    message = f"{error}; it is tried again with growing waits"
    awaited = next((why for why in _AWAITED if why == doing), None)
    if awaited is None:
        return Verdict(ConditionType.RECONCILING, TRUE, ReconcilingReason.RETRYING, message)
    return Verdict(ConditionType.RECONCILING, TRUE, awaited, f"{awaited.explanation}; {message}")


def _stalled(obstacle: Obstacle | None) -> Verdict:
    if obstacle is not None:
        return Verdict(ConditionType.STALLED, TRUE, obstacle.why, obstacle.message)
    why = StalledReason.NOT_STALLED
    return Verdict(ConditionType.STALLED, FALSE, why, why.explanation)


def _reconciling(facts: Facts, stalled: Verdict) -> Verdict:
    kind, why = ConditionType.RECONCILING, ReconcilingReason
    if stalled.holds:  # a reader such as kstatus would wait for ever if both were true
        return Verdict(kind, FALSE, why.UP_TO_DATE, "nothing more can be done until a person acts: see Stalled")
    doing = _doing(facts)
    if facts.outcome.trouble is not None:
        return retrying(str(facts.outcome.trouble), doing)
    if doing is not None:
        fought = _fought_over(facts) if doing is why.APPLYING else ""
        return Verdict(kind, TRUE, doing, fought or doing.explanation)
    return Verdict(kind, FALSE, why.UP_TO_DATE, why.UP_TO_DATE.explanation)


def _fought_over(facts: Facts) -> str:
    """The children whose repair rests, as somebody keeps undoing it, and how to find out who; empty if there are none."""
    if not facts.plan.resting:
        return ""
    named = listed(f"{kind} {name}" for _, kind, name in facts.plan.resting)
    _, kind, name = facts.plan.resting[0]
    who = f"kubectl get {kind.lower()} {name} -n {facts.pipeline.namespace} -o yaml --show-managed-fields"
    return f"somebody keeps changing {named} back, so that is put right ever more seldom; to see who: {who}"


def _doing(facts: Facts) -> ReconcilingReason | None:
    """What the operator is at; None if everything is as the spec says."""
    why = ReconcilingReason
    if facts.suspended and draining(facts.seen):
        return why.DRAINING
    if changing_tracing(facts.tracing):
        return why.CHANGING_TRACING
    if facts.plan.resting:
        return why.APPLYING
    done = (facts.rolled_out(*place) or facts.seen.workloads[place].woken_by for place in facts.needed)
    if _rolls(facts) or not all(done):
        return why.ROLLING_OUT
    return why.APPLYING if facts.plan.writes else None


def _rolls(facts: Facts) -> bool:
    """Whether Deployments were written just now, and not only put right: what is left is up to them."""
    written = {child.key for child in facts.outcome.written if child.key[1] == DEPLOYMENT.kind}
    return bool(written - facts.plan.repairs)


def _ready(
    facts: Facts,
    lines: tuple[CameraStatus, ...],
    steps: tuple[StageStatus, ...],
    obstacle: Obstacle | None,
    broker: Verdict,
) -> Verdict:
    status, why, message = next(_doubts(facts, lines, steps, obstacle, broker), (TRUE, ReadyReason.FRAMES_FLOWING, ""))
    parts = (message or why.explanation, refused(facts.pipeline.annotations), _lost(facts))
    return Verdict(ConditionType.READY, status, why, "; ".join(filter(None, parts)))


def _doubts(
    facts: Facts,
    lines: tuple[CameraStatus, ...],
    steps: tuple[StageStatus, ...],
    obstacle: Obstacle | None,
    broker: Verdict,
) -> Iterator[tuple[ConditionStatus, ReadyReason, str]]:
    """Why frames do not flow, the deepest cause first."""
    why = ReadyReason
    if facts.suspended:
        yield FALSE, why.SUSPENDED, _by_whom(facts)
    if obstacle is not None and obstacle.keeps_frames:
        yield FALSE, why.STALLED, obstacle.message
    if broker.status is FALSE and broker.reason != "Starting":
        yield FALSE, why.BROKER_UNAVAILABLE, broker.message
    away = [camera for camera in lines if camera.state is CameraState.UNAVAILABLE]
    if away:
        yield (
            FALSE,
            why.CAMERAS_UNAVAILABLE,
            listed(f"{camera.id}: {camera.reason}: {camera.message}" for camera in away),
        )
    broken = [stage for stage in steps if stage.state is StageState.UNAVAILABLE]
    if broken:
        yield (
            FALSE,
            why.STAGES_UNAVAILABLE,
            listed(f"{stage.name}: {stage.reason}: {stage.message}" for stage in broken),
        )
    yield from _waits(facts, lines, steps, broker)


def _by_whom(facts: Facts) -> str:
    since = suspended_at(facts.pipeline.annotations)
    return f"suspended by the annotation {SUSPEND} since {since}, until it is removed" if since else ""


def _waits(
    facts: Facts, lines: tuple[CameraStatus, ...], steps: tuple[StageStatus, ...], broker: Verdict
) -> Iterator[tuple[ConditionStatus, ReadyReason, str]]:
    """What is still to come, or cannot be told."""
    silent = [f"{camera.id}: {camera.message}" for camera in lines if camera.state is CameraState.UNKNOWN]
    if silent:
        yield UNKNOWN, ReadyReason.CAMERAS_UNAVAILABLE, listed(silent)
    mute = [f"{stage.name}: {stage.message}" for stage in steps if stage.state is StageState.UNKNOWN]
    if mute:
        yield UNKNOWN, ReadyReason.STAGES_UNAVAILABLE, listed(mute)
    starting = [line.id for line in lines if line.state is CameraState.STARTING] + [
        step.name for step in steps if step.state is StageState.STARTING
    ]
    if starting or broker.status is FALSE:
        yield FALSE, ReadyReason.PROGRESSING, f"being started: {', '.join(starting) or 'the broker'}"
    missing = unreached(facts)
    if missing:
        yield (
            FALSE,
            ReadyReason.PROGRESSING,
            listed(f"no frame of camera {camera} has lately reached the end of {leaf}" for camera, leaf in missing),
        )


def _lost(facts: Facts) -> str:
    """The pods that a suspended pipeline does not wait for any more, and the ways out; empty if there are none."""
    lost = lost_pods(facts.seen) if facts.suspended else ()
    if not lost:
        return ""
    named = listed(
        f"pod {pod.name} (node {pod.node or 'unknown'}) was to end by {pod.ends_by:%Y-%m-%dT%H:%M:%SZ}" for pod in lost
    )
    way = f"kubectl delete pod {' '.join(pod.name for pod in lost[:_MOST_NAMED])} -n {facts.pipeline.namespace} --force"
    return (
        f"{named}, and is still there: its node is not heard of; if that is gone for good, delete the node, or: {way}"
    )
