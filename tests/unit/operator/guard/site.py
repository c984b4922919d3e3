"""A pipeline whose tracing the guard watches, in values only: evidence and progress are what a test says they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from frame_tracking import FrameID
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status_tracing import AuditMethod, AuditResult, GuardState, PurgeState, TracingStatus
from frametrace_operator.guard.deciding.table import advance, tracing_plan
from frametrace_operator.guard.evidence import AuditFinding, BackendHealth, Cause, Evidence, MissingFrame, Overhead
from frametrace_operator.guard.plan import Progress, TracingPlan
from frametrace_operator.pipeline import Pipeline

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = timedelta(seconds=30)
MOST_WINDOWS = 20


def pipeline(
    *,
    cameras: int = 4,
    annotations: dict[str, str] | None = None,
    mode: str = "Running",
    tracing_mode: str = "Enabled",
    **tracing: Any,
) -> Pipeline:
    """A pipeline of cam0, cam1, ... and a stage."""
    spec = {
        "mode": mode,
        "cameras": [{"id": f"cam{n}", "source": {"url": "rtsp://cameras.example/one"}} for n in range(cameras)],
        "stages": [{"name": "motion", "handler": "motion"}],
        "tracing": {"mode": tracing_mode, **tracing},
    }
    metadata = {"namespace": "site-a", "name": "yard", "uid": "u-1", "annotations": annotations or {}}
    return Pipeline.from_object({"metadata": metadata, "spec": spec})


def audit(at: datetime, missing: int = 0, checked: int = 1000, **fields: Any) -> AuditFinding:
    """An exact audit of a window."""
    share = 100 * missing / checked if checked else 0.0
    frames = tuple(
        MissingFrame(FrameID(f"20260301T120000{n:06d}_cam0_aaaaa_{n:06d}"), "motion", Cause.LOST_ON_THE_WAY)
        for n in range(min(missing, 25))
    )
    known: dict[str, Any] = {
        "at": at,
        "window_start": at - WINDOW,
        "window_end": at,
        "result": AuditResult.MISSING if missing else AuditResult.COMPLETE,
        "method": AuditMethod.EXACT,
        "expected": checked,
        "checked": checked,
        "missing": missing,
        "low": share,
        "high": share,
        "frames": frames,
        "hop": "motion" if missing else "",
        "cause": Cause.LOST_ON_THE_WAY if missing else None,
    }
    return AuditFinding(**known | fields)


class Site:
    """Time passes, windows are measured, pods obey: `window` and `settle` do it, `status` is where the guard is."""

    def __init__(self, **spec: Any) -> None:
        self.spec = spec
        self.annotations: dict[str, str] = {}
        self.status: TracingStatus | None = None
        self.evidence = Evidence()
        self.now = NOON
        self.obedient = True
        self.behind: tuple[str, ...] = ()
        self.plans: list[TracingPlan] = []
        self.states: list[GuardState] = []
        self.rollbacks: list[str] = []
        self._read: tuple[tuple[str, str], Pipeline] | None = None

    @property
    def pipeline(self) -> Pipeline:
        asked = (repr(self.spec), repr(self.annotations))
        if self._read is None or self._read[0] != asked:
            self._read = asked, pipeline(annotations=dict(self.annotations), **self.spec)
        return self._read[1]

    @property
    def state(self) -> GuardState:
        assert self.status is not None
        return self.status.state

    @property
    def plan(self) -> TracingPlan:
        return tracing_plan(self.status, self.pipeline)

    def progress(self) -> Progress:
        """What obedient pods do with the plan at once, stubborn ones never, and all but those of `behind` do."""
        if not self.obedient:
            return Progress(instrumented=False)
        if self.behind:
            stuck = f"{self.behind[0]}: pod yard-0: ErrImagePull"
            return Progress(live_off=True, instrumented=False, report_kept=True, behind=self.behind, stuck=stuck)
        plan = self.plan
        last = self.status.last_rollback if self.status is not None else None
        asked = last is not None and last.purge is not PurgeState.NOT_ASKED
        return Progress(
            live_off=not plan.on,
            uninstrumented=not plan.instrumented,
            instrumented=plan.instrumented,
            purge=PurgeState.DONE if asked else PurgeState.NOT_ASKED,
            report_kept=True,
            ordered=asked,
        )

    def step(self) -> TracingStatus:
        """One pass; what it makes of the status is written as JSON and read again."""
        after = advance(self.status, self.evidence, self.progress(), self.pipeline, self.now)
        if after != self.status:
            self.status = TracingStatus.model_validate(after.to_object())
        assert self.status == after
        if not self.states or self.states[-1] is not after.state:
            self.states.append(after.state)
        last = after.last_rollback
        if last is not None and last.id not in self.rollbacks:
            self.rollbacks.append(last.id)
        return after

    def settle(self) -> None:
        """Passes until nothing changes any more."""
        for _ in range(20):
            before = self.status
            if self.step() == before:
                return
        raise AssertionError(f"still moving: {self.states[-6:]}")

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def measure(self, *, missing: int = 0, overhead: float = 1.0, backend: dict[str, Any] | None = None) -> None:
        """A window passed, and was measured; `overhead` in percent, `missing` of a thousand frames."""
        self.later(WINDOW.total_seconds())
        one = self.evidence
        plan = self.plan
        traced = plan.instrumented and plan.on and any(float(plan.ratios.get(f"cam{n}", "1")) for n in range(4))
        audits = (audit(self.now, missing),) if traced else ()
        burden = (Overhead(self.now, 30, 30 * overhead / 100, 30),)
        health = BackendHealth(self.now, **{"spans": 7000 if traced else 0, **(backend or {})})
        self.evidence = Evidence(
            audits=(*one.audits, *audits)[-MOST_WINDOWS:],
            overheads=(*one.overheads, *burden)[-MOST_WINDOWS:],
            backends=(*one.backends, health)[-MOST_WINDOWS:],
            ended=one.ended + (1000 if traced else 0),
            answers=not health.failed_probes,
        )

    def unsaid(self, audits: tuple[AuditFinding, ...]) -> Evidence:
        """The evidence with these audits, none of which says anything, as where Jaeger's ring is too small."""
        unknown = tuple(replace(one, result=AuditResult.UNKNOWN, unknown=one.checked, high=100.0) for one in audits)
        return replace(self.evidence, audits=unknown)

    def window(self, **measured: Any) -> None:
        """A window is measured, and all passes are made that follow from it."""
        self.measure(**measured)
        self.settle()

    def windows(self, count: int, **measured: Any) -> None:
        for _ in range(count):
            self.window(**measured)

    def takeover(self) -> None:
        """Another operator process goes on: it has the status, and no evidence."""
        self.evidence = Evidence()

    def ask(self, what: str, stamp: str | None = None) -> None:
        """A person annotates the pipeline."""
        name = {"rollback": ROLLBACK_TRACING, "reenable": REENABLE_TRACING}[what]
        self.annotations[name] = stamp or self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
