"""TracingPlan: what the guard wants of a pipeline's pods and storage. Progress: how far they are. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frametrace_api.status_tracing import PurgeState

__all__ = ["Progress", "TracingPlan"]


@dataclass(frozen=True, slots=True)
class TracingPlan:
    """What the children are rendered with.

    Attributes:
        instrumented: False sets `OTEL_SDK_DISABLED=true` in captures and stages: their pods are replaced.
        on: False is the live switch, which running pods obey within a second.
        ratios: live ratios by camera, "0" to "1"; a camera that is not named has the one of the spec.
        purge_generation: count of purges of the managed storage so far; a change clears it.
    """

    instrumented: bool = True
    on: bool = True
    ratios: Mapping[str, str] = field(default_factory=dict)
    purge_generation: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pods and the storage are with what the last plan wanted.

    Attributes:
        live_off: every running capture and stage says in its ledger that its tracing is off.
        uninstrumented: every capture and stage runs a settled template with `OTEL_SDK_DISABLED=true`.
        instrumented: every one runs a settled template with it "false".
        purge: how the clearing asked for by the plan's `purge_generation` stands.
        report_kept: the ConfigMap with the report of `status.tracing.lastRollback` is there.
        stuck: why a rollout does not get on, with the pod's own reason; empty if it does.
        behind: workloads that are not as the plan wants them yet, such as `capture cam01`.
        ordered: the managed storage's template asks for the purge that the status asks for.
    """

    live_off: bool = False
    uninstrumented: bool = False
    instrumented: bool = True
    purge: PurgeState = PurgeState.NOT_ASKED
    report_kept: bool = False
    stuck: str = ""
    behind: tuple[str, ...] = ()
    ordered: bool = False
