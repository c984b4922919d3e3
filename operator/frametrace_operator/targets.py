"""Which of a pipeline's pods have a ledger that can be read. Pure."""

from collections.abc import Iterable

from frame_tracking import CAPTURE_HOP

from frametrace_operator.naming import Role
from frametrace_operator.observation import PodView
from frametrace_operator.pods.base import Target

__all__ = ["targets"]


def targets(pods: Iterable[PodView]) -> tuple[Target, ...]:
    """The captures and stages that run and have an address."""
    return tuple(Target(pod.name, pod.uid, pod.ip, _hop(pod), _camera(pod)) for pod in pods if _has_ledger(pod))


def _has_ledger(pod: PodView) -> bool:
    return pod.running and bool(pod.ip) and pod.role in (Role.CAPTURE, Role.STAGE)


def _camera(pod: PodView) -> str:
    return pod.item if pod.role == Role.CAPTURE else ""


def _hop(pod: PodView) -> str:
    return CAPTURE_HOP if pod.role == Role.CAPTURE else pod.item
