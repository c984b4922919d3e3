"""Writes docs/reference/conditions.md: ``python -m scripts.reference.events``; ``--check`` only compares.

Conditions and their reasons are read off `frametrace_api.conditions`. Events are listed here; a test reads their reasons off the
operator's source and asks that each is listed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from frametrace_api.conditions import REASONS, CaptureAvailableReason, StalledReason
from frametrace_api.status_tracing import RollbackTrigger

from scripts.reference.pages import REFERENCE, keep

__all__ = ["EVENTS", "PAGE", "main", "page"]

PAGE = REFERENCE / "conditions.md"
_HEAD = """# Conditions, their reasons, and Events

Made by `python -m scripts.reference.events`; never edited. `kubectl describe cpl NAME` shows both;
`kubectl wait --for=condition=Ready cpl/NAME` waits for one. What to do about a reason stands in the condition's message.

"""
_EVENTS = """## Events

The same news within ten minutes is one Event with a count.

| reason | type | tells that |
|---|---|---|
"""
EVENTS: dict[str, tuple[str, str]] = {
    "Ready": ("Normal", "Frames of every camera reach every leaf."),
    "Suspended": ("Normal", "The pipeline rests, because its spec says so."),
    "BrokerUnavailable": ("Warning", "The broker takes or gives no frames."),
    "StagesUnavailable": ("Warning", "A stage has no ready pod, or does not get on."),
    "CameraCapturing": ("Normal", "Pictures of a camera come again."),
    "UpgradePending": ("Normal", "A new operator version would replace pods, and waits for approval."),
    "RequestRefused": ("Warning", "The value of an annotation is no time stamp."),
    "TracingRollbackBegun": ("Warning", "Tracing is being taken out; Normal where a person asked for it."),
    "TracingRolledBack": ("Normal", "Every pod runs without instrumentation."),
    "TracesPurged": ("Normal", "The traces of before the rollback were cleared."),
    "TracePurgeFailed": ("Warning", "They could not be cleared; it is tried again."),
    "TracePurgeGivenUp": ("Warning", "They were not cleared, and will not be."),
    "TracingProbation": ("Normal", "Tracing comes back, step by step."),
    "TracingProbationFailed": ("Warning", "A step of its return failed, and is made again."),
    "TracingRecovered": ("Normal", "All frames are traced again that the spec asks for."),
    "TraceStorageTooSmall": ("Warning", "Jaeger gave traces up before they were looked up."),
    "OverTraceBudget": ("Warning", "The projection passes the budget."),
    "SamplingReduced": ("Warning", "Ratios were lowered to fit the budget."),
    "WithinTraceBudget": ("Normal", "The projection is within the budget again."),
}
"""Reasons with type and meaning; the families below come beside them."""

_NO_CAMERA_AWAY = (
    CaptureAvailableReason.CAPTURING,
    CaptureAvailableReason.STARTING,
    CaptureAvailableReason.SUSPENDED,
    CaptureAvailableReason.UNKNOWN,
)


def page() -> str:
    """Return the page's text."""
    return f"{_HEAD}{''.join(_conditions())}{_EVENTS}{''.join(_events())}"


def _conditions() -> Iterator[str]:
    for kind, reasons in REASONS.items():
        yield f"## {kind.value}\n\n{kind.explanation}\n\n| reason | meaning |\n|---|---|\n"
        yield "".join(f"| `{reason.value}` | {reason.explanation} |\n" for reason in reasons)
        yield "\n"


def _events() -> Iterator[str]:
    told = {**EVENTS, **_families()}
    yield from (f"| `{reason}` | {kind} | {meaning} |\n" for reason, (kind, meaning) in sorted(told.items()))


def _families() -> dict[str, tuple[str, str]]:
    """A camera that is away, a pipeline that is stalled, and what the guard measured: with the words of their reasons."""
    away = {
        f"Camera{reason.value}": ("Warning", reason.explanation)
        for reason in CaptureAvailableReason
        if reason not in _NO_CAMERA_AWAY
    }
    stalled = {
        reason.value: ("Warning", reason.explanation)
        for reason in StalledReason
        if reason is not StalledReason.NOT_STALLED
    }
    measured = {
        RollbackTrigger.TRACES_MISSING.value: (
            "Warning",
            "More traces are missing than guard.maxMissingPercent allows.",
        ),
        RollbackTrigger.OVERHEAD.value: ("Warning", "Tracing costs more than guard.maxOverheadPercent allows."),
        RollbackTrigger.BACKEND_UNSTABLE.value: (
            "Warning",
            "Jaeger failed its probes, refused spans or restarted repeatedly.",
        ),
    }
    return away | stalled | measured


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.events", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
