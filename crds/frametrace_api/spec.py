"""The spec of a CameraPipeline, and the tree that its stages form. Knows the parts only by name."""

from enum import StrEnum
from typing import Annotated

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.broker import Broker
from frametrace_api.cameras import Camera
from frametrace_api.capture import Capture
from frametrace_api.lists import Listed
from frametrace_api.rules import Rule
from frametrace_api.stages import CAPTURE, Stage
from frametrace_api.tracing import Tracing

__all__ = ["CameraPipelineSpec", "PictureAccess", "Pictures", "PipelineMode", "Rollout", "Upgrades"]


class PipelineMode(StrEnum):
    """Whether the pipeline runs."""

    RUNNING = "Running"
    SUSPENDED = "Suspended"


class PictureAccess(StrEnum):
    """Whether pictures may be looked at."""

    DENIED = "Denied"
    ALLOWED = "Allowed"


class Upgrades(StrEnum):
    """When a new operator version may replace pods."""

    AUTOMATIC = "Automatic"
    ON_APPROVAL = "OnApproval"


class Pictures(ApiModel):
    """Who may look at pictures."""

    access: PictureAccess = PictureAccess.DENIED
    """Allowed: frames' pictures can be looked up while they are retained, and the journey page is offered. Default: Denied."""


class Rollout(ApiModel):
    """How changes reach the pods."""

    upgrades: Upgrades = Upgrades.AUTOMATIC
    """What happens when a new operator version changes the pods: Automatic, or OnApproval (it waits, listed in status.pendingUpgrade, for the annotation frametrace.dev/approve-upgrade). Default: Automatic."""


def _reads_backwards(stages: tuple[Stage, ...]) -> bool:
    return all(
        stage.input in {CAPTURE, *(other.name for other in stages[:index])} for index, stage in enumerate(stages)
    )


_PLACES = list(
    range(bounds.MAX_STAGES)
)  # CEL's cost estimate grows beyond its budget with lists of names, not with literal indices
_IN_ORDER = (
    "(!has(self[i].input) || self[i].input == 'capture' || "
    f"{_PLACES}.exists(j, j < i && self[j].name == self[i].input))"
)
_FIRST = f"self[{_PLACES}.filter(i, i < self.size() && !{_IN_ORDER})[0]]"
_ORDER_WORDS = "a stage reads capture or a stage before it in the list; correct its input or move it down"

_in_order = Rule(
    cel=f"{_PLACES}.all(i, i >= self.size() || {_IN_ORDER})",
    message=_ORDER_WORDS,
    message_expression=f"'stage ' + {_FIRST}.name + ' has input ' + {_FIRST}.input + ': {_ORDER_WORDS}'",
    holds=_reads_backwards,
)


class CameraPipelineSpec(ApiModel):
    """What a camera's owner asks for."""

    mode: PipelineMode = PipelineMode.RUNNING
    """Running, or Suspended: cameras are let go, frames in flight are handled, and then every pod is taken away, the operator-run broker and Jaeger last (a Jaeger in memory forgets its traces). Default: Running."""
    cameras: Annotated[tuple[Camera, ...], Listed(at_least=1, at_most=bounds.MAX_CAMERAS, key="id")]
    """The cameras, 1 to 128, each with an id of its own. Each is captured by a pod of its own."""
    capture: Capture = Capture()
    """How the cameras are captured."""
    broker: Broker = Broker()
    """The broker that takes frames from hop to hop. Left out: a Redis that the operator runs."""
    stages: Annotated[tuple[Stage, ...], Listed(at_most=bounds.MAX_STAGES, key="name"), _in_order] = ()
    """What is done with the frames, at most 32 stages; each reads capture or a stage before it in the list. Left out: frames end with their capture."""
    pictures: Pictures = Pictures()
    """Who may look at pictures."""
    rollout: Rollout = Rollout()
    """How changes of the operator reach the pods."""
    tracing: Tracing = Tracing()
    """Tracing: where to, how much, how long, and what guards it."""

    def stage(self, name: str) -> Stage:
        """The stage of that name; KeyError if there is none."""
        return {stage.name: stage for stage in self.stages}[name]

    def children_of(self, name: str) -> tuple[Stage, ...]:
        """The stages that read `capture` or the named stage, in the list's order."""
        return tuple(stage for stage in self.stages if stage.input == name)

    def leaf_stages(self) -> tuple[Stage, ...]:
        """The stages that nobody reads, where branches end; empty when frames end with their capture."""
        inputs = {stage.input for stage in self.stages}
        return tuple(stage for stage in self.stages if stage.name not in inputs)

    def path_to(self, name: str) -> tuple[str, ...]:
        """The hops from `capture` to the named stage, both included."""
        path = [name]
        while path[0] != CAPTURE:
            path.insert(0, self.stage(path[0]).input)
        return tuple(path)

    def ratio_of(self, camera: Camera) -> str:
        """The share of the camera's frames that is traced: its own, else the pipeline's."""
        own = camera.tracing.ratio if camera.tracing else None
        return own if own is not None else self.tracing.sampling.ratio
