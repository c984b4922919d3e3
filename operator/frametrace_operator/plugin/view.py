"""A pipeline as `status` shows it: what the operator reports, live values and next steps. Values; made by `viewing`."""

from dataclasses import asdict, dataclass
from typing import Any

from frametrace_api.conditions import ConditionType
from pydantic.alias_generators import to_camel

__all__ = ["CameraRow", "ConditionRow", "PipelineView", "StageRow"]

_WANTED_FALSE = frozenset({ConditionType.RECONCILING, ConditionType.STALLED, ConditionType.TRACING_ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera. Numbers are None where nothing is known; `since_seconds` is how long `state` has lasted."""

    id: str
    state: str
    reason: str
    message: str
    next_step: str
    source: str
    since_seconds: float | None = None
    fps: float | None = None
    dropped_per_second: float | None = None
    last_frame_seconds: float | None = None
    reconnects: int | None = None


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage. Numbers are None where nothing is known."""

    name: str
    state: str
    reason: str
    message: str
    next_step: str
    pods: str
    since_seconds: float | None = None
    fps: float | None = None
    dropped_per_second: float | None = None
    lag: int | None = None


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition as the operator reports it."""

    type: str
    status: str
    reason: str
    message: str
    next_step: str
    since_seconds: float

    @property
    def good(self) -> bool | None:
        """Whether it is as it should be; None if that is not known."""
        if self.status == "Unknown":
            return None
        return (self.status == "True") is (self.type not in _WANTED_FALSE)


@dataclass(frozen=True, slots=True)
class PipelineView:
    """A pipeline.

    Attributes:
        mode: that is carried out: Suspended also where an annotation asks for it.
        current: whether the operator has seen the spec as it is now.
        tracing: `status.tracing` as it stands there.
        pending_upgrade: `status.pendingUpgrade`, empty if there is none.
        silent: pods that told no live values, and why.
    """

    namespace: str
    name: str
    mode: str
    current: bool
    age_seconds: float
    tracing: dict[str, Any]
    pending_upgrade: dict[str, Any]
    conditions: tuple[ConditionRow, ...]
    cameras: tuple[CameraRow, ...]
    stages: tuple[StageRow, ...]
    silent: dict[str, str]

    @property
    def ready(self) -> ConditionRow | None:
        """The summary; None while the operator has not reported yet."""
        return next((row for row in self.conditions if row.type == ConditionType.READY), None)

    def as_object(self) -> dict[str, Any]:
        """All of it as plain values; names are as Kubernetes writes them, rates are rounded to hundredths."""
        found: dict[str, Any] = _plain(asdict(self))
        return found


def _plain(value: Any, *, keys_are_names: bool = True) -> Any:
    if isinstance(value, dict):
        return {
            to_camel(key) if keys_are_names else key: _plain(inner, keys_are_names=key not in {"silent", "tracing"})
            for key, inner in value.items()
        }
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return round(value, 2) if isinstance(value, float) else value
