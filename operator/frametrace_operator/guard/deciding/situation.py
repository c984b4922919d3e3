"""Situation: all that the table asks about one pipeline at one time. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from frametrace_api.guard import Guard, RollbackPolicy
from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import Probation, ProbationActivity, RollbackTrigger, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.judge import Judgement, judge
from frametrace_operator.guard.deciding.ratios import FIRST, traced_cameras
from frametrace_operator.guard.deciding.recovery import next_attempt
from frametrace_operator.guard.deciding.requests import Asked, Requests, requests
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.plan import Progress
from frametrace_operator.pipeline import Pipeline

__all__ = ["FRAMES_OF_A_STEP", "LIVE_OFF_SECONDS", "ROLLBACK_SECONDS", "Situation", "evidence_begins"]

FRAMES_OF_A_STEP: Final = 125
"""Traced frames of the first camera that must have ended before more cameras are traced."""

SILENT_SECONDS: Final = 60
"""A first camera that sent no frame for longer is passed over."""

STEPS_OF_A_SLOW_CAMERA: Final = 30
"""A first camera that sent some frames, and too few in so many steps' time, is passed over too."""

LIVE_OFF_SECONDS: Final = 15
"""A pod that has not said by then that its tracing is off may hang; it is replaced all the same."""

ROLLBACK_SECONDS: Final = 300
"""A rollback that has taken so long ends without the pods that cannot be replaced: their tracing is off by the live switch."""

RETURN_SECONDS: Final = 600
"""A return goes on after so long with the pods that are back; the others follow when they can."""

STEPS_UNDECIDED: Final = 30
"""A step of a probation that lasted so many times its length, without anything bad, has gone well: unknown is not missing."""


@dataclass(frozen=True)
class Situation:
    """A status of tracing, and what it meets."""

    status: TracingStatus
    evidence: Evidence
    progress: Progress
    pipeline: Pipeline
    now: datetime

    @property
    def guard(self) -> Guard:
        """The pipeline's settings."""
        return self.pipeline.spec.tracing.guard

    @property
    def disabled(self) -> bool:
        """Whether the owner wants no tracing."""
        return self.pipeline.spec.tracing.mode is TracingMode.DISABLED

    @property
    def suspended(self) -> bool:
        """Whether the owner wants the pipeline to rest: no window is judged, and no wait ends."""
        return self.pipeline.spec.mode is PipelineMode.SUSPENDED

    @property
    def acts(self) -> bool:
        """Whether the guard may take tracing out by itself."""
        return self.guard.rollback is RollbackPolicy.AUTOMATIC

    @property
    def nothing_traced(self) -> bool:
        """Whether the spec has no frame traced."""
        return not traced_cameras(self.pipeline)

    @cached_property
    def requests(self) -> Requests:
        """What a person asks for."""
        return requests(self.pipeline, self.status)

    def asked(self, what: Asked) -> bool:
        """Whether a person asks for that."""
        return self.requests.asked is what

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """What the windows since tracing came in say."""
        if self.suspended or self.disabled or self.nothing_traced:
            return ()
        last = self.status.last_rollback
        return judge(self.evidence, self.guard, self._since, last.start_time if last is not None else None)

    @property
    def worst(self) -> Judgement | None:
        """The judgement that gives most reason to act; None if none gives any."""
        troubling = [one for one in self.judgements if one.bad or one.doubtful]
        return max(troubling, key=lambda one: (one.certain, one.bad)) if troubling else None

    @property
    def certain(self) -> Judgement | None:
        """The judgement that is enough to act; None if none is."""
        return self.worst if self.worst is not None and self.worst.certain else None

    @property
    def cleared(self) -> bool:
        """Whether nothing is wrong, and windows enough in a row say so of what was wrong."""
        what = self.status.suspicion.trigger if self.status.suspicion is not None else RollbackTrigger.TRACES_MISSING
        if self.worst is not None:
            return False
        return any(one.trigger is what and one.clean >= self.guard.failure_windows for one in self.judgements)

    @property
    def live_off_overdue(self) -> bool:
        """Whether pods had time enough to obey the live switch."""
        last = self.status.last_rollback
        return last is not None and self.now - last.start_time >= timedelta(seconds=LIVE_OFF_SECONDS)

    @property
    def in_state(self) -> timedelta:
        """How long the state has lasted; a status that was lost begins anew."""
        since = self.status.state_since
        return self.now - since if since is not None else timedelta()

    @property
    def left_behind(self) -> bool:
        """Whether a rollback has to end without the pods that are not replaced: it took long enough, or a person waits for it."""
        waited_for = self.asked(Asked.REENABLE) and bool(self.progress.stuck)
        return waited_for or self.in_state >= timedelta(seconds=ROLLBACK_SECONDS)

    @property
    def due(self) -> bool:
        """Whether the wait after a rollback is over, and an attempt is not bound to fail: each costs every camera a reconnect.

        Jaeger has to have answered this process: one that has just taken over, or whose pipeline was suspended, knows nothing.
        """
        time = next_attempt(self.status, self.guard.recovery)
        waits = self.suspended or self.asked(Asked.ROLLBACK) or not self.evidence.answers
        return time is not None and self.now >= time and not waits

    @property
    def probation(self) -> Probation:
        """The probation that is under way; ValueError if none is."""
        if self.status.probation is None:
            raise ValueError("no probation is under way")
        return self.status.probation

    def does(self, what: ProbationActivity) -> bool:
        """Whether the probation does this."""
        return self.status.probation is not None and self.status.probation.activity is what

    @property
    def step_over(self) -> bool:
        """Whether the step has had its time."""
        return self.now - self.probation.step_start_time >= timedelta(seconds=self.guard.recovery.step_seconds)

    @property
    def step_well(self) -> bool:
        """Whether the step's own windows say that tracing works: no bad one, and one at least that says so.

        Few frames may never say it at a small ratio. The first step is whole, so it must; later ones may pass on none missing.
        """
        traces = [one for one in self.judgements if one.trigger is RollbackTrigger.TRACES_MISSING]
        if not traces:
            return False
        missing = traces[0]
        first = self.probation.cameras_percent == str(FIRST)
        told = missing.clean if first else missing.clean or (missing.seen and not missing.doubtful)
        enough = self.frames_of_step >= FRAMES_OF_A_STEP if first else True
        return bool(told) and enough and not any(one.bad for one in self.judgements)

    @property
    def restart_overdue(self) -> bool:
        """Whether some pods had time enough to come back with instrumentation."""
        return self.now - self.probation.step_start_time >= timedelta(seconds=RETURN_SECONDS)

    @property
    def undecided_for_long(self) -> bool:
        """Whether frames came, and no window says anything, bad or well, however long the step is made already.

        The first step begins anew with each camera that is tried, so all of it counts.
        """
        first = self.probation.cameras_percent == str(FIRST)
        lasted = self.in_state if first else self.now - self.probation.step_start_time
        most = timedelta(seconds=STEPS_UNDECIDED * self.guard.recovery.step_seconds)
        long = lasted >= max(most, timedelta(seconds=RETURN_SECONDS))
        return long and self.step_over and bool(self.frames_of_step) and self.worst is None

    @property
    def first_camera_silent(self) -> bool:
        """Whether the first camera has sent nothing for so long that another one is better tried; or is gone."""
        if self.probation.cameras_percent != str(FIRST):
            return False
        cameras = traced_cameras(self.pipeline)
        if self.probation.first_camera not in cameras:
            return bool(cameras)
        steps = STEPS_OF_A_SLOW_CAMERA if self.frames_of_step else 2
        patience = timedelta(seconds=max(steps * self.guard.recovery.step_seconds, SILENT_SECONDS))
        enough = self.frames_of_step >= FRAMES_OF_A_STEP
        return len(cameras) > 1 and not enough and self.now - self.probation.step_start_time >= patience

    @property
    def frames_of_step(self) -> int:
        """Traced frames that ended in this step. A counter that is below its mark is that of a new operator process."""
        before, ended = self.probation.frames_ended_before, self.evidence.ended
        return ended - before if ended >= before else ended

    @property
    def _since(self) -> datetime | None:
        return evidence_begins(self.status)


def evidence_begins(status: TracingStatus) -> datetime | None:
    """When tracing came to be as it is now; a second is added, because a status has whole ones."""
    probation = status.probation
    since = probation.step_start_time if probation is not None else status.evidence_since
    return since + timedelta(seconds=1) if since is not None else None
