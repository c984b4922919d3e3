"""Cameras: what each one does, and the condition CaptureAvailable. Pure."""

from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.cameras import Camera
from frametrace_api.conditions import CaptureAvailableReason as Why
from frametrace_api.conditions import ConditionType
from frametrace_api.status import CameraState, CameraStatus, ConditionStatus

from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.assess.next_steps import with_next_step
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.flow import Flow
from frametrace_operator.naming import Role
from frametrace_operator.redaction import redacted
from frametrace_operator.texts import clipped

__all__ = ["cameras", "capture_available"]


def cameras(facts: Facts) -> tuple[CameraStatus, ...]:
    """A line a camera, in the spec's order."""
    return tuple(_status(camera, *_judge(facts, camera)) for camera in facts.pipeline.spec.cameras)


def capture_available(states: tuple[CameraStatus, ...]) -> Verdict:
    """Every camera is captured, or the names of those that are not and why."""
    kind = ConditionType.CAPTURE_AVAILABLE
    away = [camera for camera in states if camera.state is not CameraState.CAPTURING]
    if not away:
        return Verdict(kind, ConditionStatus.TRUE, Why.CAPTURING, f"{_count(len(states))} captured")
    worst = min(away, key=lambda camera: _ORDER.index(camera.state))
    status = ConditionStatus.UNKNOWN if worst.state is CameraState.UNKNOWN else ConditionStatus.FALSE
    named = listed(f"{camera.id}: {camera.message or camera.reason}" for camera in away)
    message = Why.SUSPENDED.explanation if worst.state is CameraState.SUSPENDED else named
    return Verdict(kind, status, worst.reason or Why.UNKNOWN, message)


_ORDER = (
    CameraState.UNAVAILABLE,
    CameraState.STARTING,
    CameraState.UNKNOWN,
    CameraState.SUSPENDED,
    CameraState.CAPTURING,
)


def _status(camera: Camera, state: CameraState, why: Why, message: str = "") -> CameraStatus:
    told = with_next_step(why, message) if state is CameraState.UNAVAILABLE else message
    return CameraStatus(id=camera.id, state=state, reason=why.value, message=clipped(told, MAX_MESSAGE) or None)


def _judge(facts: Facts, camera: Camera) -> tuple[CameraState, Why, str]:
    if facts.suspended:
        return CameraState.SUSPENDED, Why.SUSPENDED, ""
    return _with_pod(facts, camera.id) if facts.ready(Role.CAPTURE, camera.id) else _without_pod(facts, camera)


def _without_pod(facts: Facts, camera: Camera) -> tuple[CameraState, Why, str]:
    """No pod is ready. One that runs without pictures is not, and still tells why none come: it knows more than Kubernetes."""
    missing = [each.text for each in facts.seen.missing_secrets if each.use.where == f"camera {camera.id}"]
    if missing:
        return CameraState.UNAVAILABLE, Why.SECRET_MISSING, listed(dict.fromkeys(missing))
    if camera.id in facts.seen.flow.cameras and facts.runs(Role.CAPTURE, camera.id):
        return _by_ledger(facts.seen.flow, camera.id)
    trouble = facts.trouble(Role.CAPTURE, camera.id)
    if trouble is not None:
        return CameraState.UNAVAILABLE, Why.POD_UNAVAILABLE, trouble.message
    return _mute(facts, camera.id) or (CameraState.STARTING, Why.STARTING, "its pod is being started")


def _with_pod(facts: Facts, camera: str) -> tuple[CameraState, Why, str]:
    return _mute(facts, camera) or _by_ledger(facts.seen.flow, camera)


def _mute(facts: Facts, camera: str) -> tuple[CameraState, Why, str] | None:
    unreadable = facts.unreadable(Role.CAPTURE, camera)
    said = f"its pod does not answer the operator: {unreadable}"
    return (CameraState.UNKNOWN, Why.UNKNOWN, said) if unreadable else None


def _by_ledger(flow: Flow, camera: str) -> tuple[CameraState, Why, str]:
    """What the capture's own word and its counts say together."""
    told = flow.cameras.get(camera)
    reason = _word(told.reason) if told is not None and not told.connected else Why.STARTING
    if told is not None and reason is not Why.STARTING:
        return CameraState.UNAVAILABLE, reason, redacted(told.message) or reason.explanation
    if camera in flow.entered:
        return CameraState.CAPTURING, Why.CAPTURING, ""
    if told is not None and told.connected and camera in flow.ever_entered:
        return CameraState.UNAVAILABLE, Why.FROZEN, "the connection stands, but no new picture came"
    return CameraState.STARTING, Why.STARTING, "no picture has come yet"


def _word(reason: str) -> Why:
    """The capture's word as the status has it; a word of a newer runtime reads as Unreachable."""
    if not reason:
        return Why.STARTING
    return next((why for why in Why if why.value == reason), Why.UNREACHABLE)


def _count(number: int) -> str:
    return "the one camera is" if number == 1 else f"all {number} cameras are"
