"""Assessment: what is true of a pipeline now, without times. A value only."""

from dataclasses import dataclass

from frametrace_api.spec import PipelineMode
from frametrace_api.status import CameraStatus, StageStatus
from frametrace_api.status_page import PageStatus
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.upgrade import Pending

__all__ = ["Assessment"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The mode, conditions, a line a camera, a line a stage, tracing, what waits for approval, and the journey page."""

    mode: PipelineMode
    verdicts: tuple[Verdict, ...]
    cameras: tuple[CameraStatus, ...]
    stages: tuple[StageStatus, ...]
    tracing: TracingStatus
    pending: Pending | None = None
    page: PageStatus | None = None
