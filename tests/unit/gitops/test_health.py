"""Health over every combination of conditions: what may be called healthy, what must be told, and that there is always an answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from frametrace_api.conditions import (
    ReadyReason,
    ReconcilingReason,
    StalledReason,
    TracesFlowingReason,
    TracingRolledBackReason,
)

from tests.unit.gitops.argo_lua import health

Said = tuple[str, str]
READY = [("True", ReadyReason.FRAMES_FLOWING.value)] + [
    (status, reason.value)
    for status in ("False", "Unknown")
    for reason in ReadyReason
    if reason is not ReadyReason.FRAMES_FLOWING
]
RECONCILING = [("False", "UpToDate")] + [("True", reason.value) for reason in ReconcilingReason if reason != "UpToDate"]
STALLED = [("False", "NotStalled"), ("True", StalledReason.IMAGE_UNAVAILABLE.value)]
TRACES = [
    ("True", "Complete"),
    *(("Unknown", reason.value) for reason in TracesFlowingReason),
    ("False", "TracesMissing"),
    ("False", "TracingDisabled"),
    ("False", "NothingSampled"),
    ("False", "TracingRolledBack"),
]
OUT = [reason.value for reason in TracingRolledBackReason if reason not in ("NotRolledBack", "Alarm", "Probation")]
ROLLED_BACK = [("False", "NotRolledBack"), ("False", "Alarm"), ("True", "Probation"), *(("True", why) for why in OUT)]


def pipeline(generation: int = 2, observed: int = 2, **conditions: Said) -> dict[str, Any]:
    return {
        "metadata": {"name": "yard", "generation": generation},
        "spec": {},
        "status": {
            "observedGeneration": observed,
            "conditions": [
                {"type": kind, "status": status, "reason": reason, "message": f"why {kind}"}
                for kind, (status, reason) in conditions.items()
            ],
        },
    }


def combinations() -> Iterator[dict[str, Said]]:
    names = ("Ready", "Reconciling", "Stalled", "TracesFlowing", "TracingRolledBack")
    for values in product(READY, RECONCILING, STALLED, TRACES[:3] + TRACES[-4:], ROLLED_BACK[:4]):
        yield dict(zip(names, values, strict=True))


def expected(said: dict[str, Said]) -> tuple[str, str]:
    """Health, and the condition whose message is shown: the rules as people read them."""
    suspended = said["Ready"][1] == "Suspended"
    rules = (
        (said["Stalled"][0] == "True", "Degraded", "Stalled"),
        (suspended and said["Reconciling"][0] == "True", "Progressing", "Reconciling"),
        (suspended, "Suspended", "Ready"),
        (said["TracingRolledBack"][0] == "True" and said["TracingRolledBack"][1] != "Probation", "Degraded", "TracingRolledBack"),
        (said["TracesFlowing"] == ("False", "TracesMissing"), "Degraded", "TracesFlowing"),
        (said["TracingRolledBack"] == ("False", "Alarm"), "Degraded", "TracingRolledBack"),
        (said["Reconciling"][0] == "True", "Progressing", "Reconciling"),
        (said["Ready"][0] == "False" and said["Ready"][1] != "Progressing", "Degraded", "Ready"),
        (said["Ready"][0] != "True", "Progressing", "Ready"),
        (said["TracingRolledBack"][1] == "Probation", "Progressing", "TracingRolledBack"),
        (True, "Healthy", "Ready"),
    )  # fmt: skip
    return next((status, kind) for holds, status, kind in rules if holds)


def test_every_combination_has_the_health_of_the_first_rule_that_holds() -> None:
    seen: dict[str, int] = {}
    for said in combinations():
        status, kind = expected(said)
        found = health(pipeline(**said))
        assert found["status"] == status, said
        assert found["message"].endswith(f"{said[kind][1]}: why {kind}"), said
        seen[status] = seen.get(status, 0) + 1

    assert seen.keys() == {"Healthy", "Progressing", "Degraded", "Suspended"}


@pytest.mark.parametrize("why", OUT)
def test_every_reason_of_a_rollback_is_told(why: str) -> None:
    found = health(pipeline(Ready=("True", "FramesFlowing"), TracingRolledBack=("True", why)))

    assert found == {"status": "Degraded", "message": f"Tracing is rolled back: {why}: why TracingRolledBack"}


@pytest.mark.parametrize("said", TRACES)
def test_only_traces_that_are_known_to_be_missing_degrade(said: Said) -> None:
    found = health(pipeline(Ready=("True", "FramesFlowing"), TracesFlowing=said))

    assert found["status"] == ("Degraded" if said == ("False", "TracesMissing") else "Healthy")


def test_a_status_of_an_older_spec_says_nothing() -> None:
    for said in (
        {"Ready": ("True", "FramesFlowing")},
        {"Ready": ("False", "Stalled"), "Stalled": ("True", "InvalidSpec")},
    ):
        assert health(pipeline(generation=3, **said))["status"] == "Progressing"


@pytest.mark.parametrize("status", [None, {}, {"observedGeneration": 2}, {"conditions": []}])
def test_without_a_report_it_is_waited_for(status: dict[str, Any] | None) -> None:
    body = {"metadata": {"name": "yard", "generation": 2}, "spec": {}} | ({} if status is None else {"status": status})

    assert health(body) == {"status": "Progressing", "message": "The operator has not reported yet"}
