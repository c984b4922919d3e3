"""What is read off the cluster when a status is lost, and what an owner's webhook is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from frametrace_api.status_tracing import (
    GuardState,
    LastRollback,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)
from frametrace_operator.guard.acting.purge_call import purge_call
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.observing.left import left
from frametrace_operator.guard.observing.lost import infer
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.guard.reporting.report import report
from frametrace_operator.manifests import children
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.podview import role_and_item, workload

from tests.unit.operator.guard.reporting.test_report import NOW, status

PLATFORM = Platform("rt:1", "redis:1", "jaeger:1", "frametrace-system", (), ())
EXTERNAL = {
    "otlpEndpoint": "http://j:4318",
    "queryUrl": "http://j:16686",
    "purge": {"webhook": {"url": "https://purge.example/"}},
}


def pipeline(**tracing: Any) -> Pipeline:
    spec = {
        "cameras": [{"id": f"cam0{number}", "source": {"url": "test://"}} for number in (1, 2)],
        "stages": [
            {"name": "motion", "handler": "motion"},
            {"name": "ocr", "handler": "motion", "env": [{"name": "OTEL_SERVICE_NAME", "value": "reader"}]},
        ],
        "tracing": tracing,
    }
    metadata = {"namespace": "site-a", "name": "yard", "uid": "u", "generation": 1}
    return Pipeline.from_object({"metadata": metadata, "spec": spec})


def cluster(plan: TracingPlan, *, waiting: Any = (), reported: bool = True) -> Observation:
    """A cluster in which this plan was carried out, with the report of a rollback that was asked for."""
    made = [*children(pipeline(), PLATFORM, plan, waiting=waiting)]
    kept = report(
        pipeline(), status(trigger=RollbackTrigger.REQUESTED, purge_generation=2), Evidence(), Observation(NOW, "u")
    )
    made += [kept] if reported and kept is not None else []
    live = {child.key: child.body for child in made}
    deployments = [body for body in live.values() if body["kind"] == "Deployment"]
    return Observation(NOW, "u", live=live, workloads={role_and_item(body): workload(body) for body in deployments})


OUT = TracingPlan(instrumented=False, on=False, purge_generation=2)


@pytest.mark.parametrize(
    ("plan", "waiting", "state"),
    [
        (OUT, (), GuardState.ROLLED_BACK),
        (OUT, {"cam02"}, GuardState.ROLLING_BACK),
        (TracingPlan(on=False), (), GuardState.ROLLING_BACK),
        (TracingPlan(ratios={"cam01": "0"}), (), GuardState.PROBATION),
        (TracingPlan(), (), GuardState.HEALTHY),
    ],
)
def test_where_the_guard_was_is_read_off_the_cluster(plan: TracingPlan, waiting: Any, state: GuardState) -> None:
    found = infer(left(pipeline(), cluster(plan, waiting=waiting)), pipeline(), NOW)
    assert found is not None
    assert found.state is state
    assert found.last_rollback is not None
    assert (found.last_rollback.id, found.last_rollback.trigger) == ("20260301-120001-abcdef", "Requested")


@pytest.mark.parametrize(("told", "attempts"), [(3, 3), (10**9, 100), (-1, 0), ("many", 0), (None, 0)])
def test_attempts_are_read_off_the_report(told: Any, attempts: int) -> None:
    seen = cluster(OUT)
    live = dict(seen.live)
    key = next(key for key, body in live.items() if "report.json" in body.get("data", {}))
    content = json.loads(live[key]["data"]["report.json"]) | {"attempts": told}
    live[key] = live[key] | {"data": {"report.json": json.dumps(content)}}

    assert left(pipeline(), replace(seen, live=live)).attempts == attempts


def test_a_cluster_on_which_it_never_acted_is_new() -> None:
    assert infer(left(pipeline(), cluster(TracingPlan(), reported=False)), pipeline(), NOW) is None


def test_what_somebody_spoiled_counts_as_not_there() -> None:
    seen = cluster(OUT)
    spoiled = {key: body | {"data": dict.fromkeys(body.get("data", {}), "{")} for key, body in seen.live.items()}
    found = left(pipeline(), Observation(NOW, "u", live=spoiled))
    assert (found.report, found.live_on, found.sdk_disabled) == (None, None, ())


def out(purge: PurgeState, state: GuardState = GuardState.ROLLED_BACK) -> TracingStatus:
    step, trigger = RollbackStep.RESTARTING, RollbackTrigger.REQUESTED
    last = LastRollback(id="one", trigger=trigger, message="", step=step, start_time=NOW, purge=purge)
    return TracingStatus(state=state, last_rollback=last)


def test_a_webhook_is_told_whose_traces_and_under_which_names() -> None:
    call = purge_call(pipeline(backend={"external": EXTERNAL}), out(PurgeState.PENDING))
    assert call is not None
    assert call.webhook.url == "https://purge.example/"
    assert call.body == {
        "namespace": "site-a",
        "pipeline": "yard",
        "pipelineUID": "u",
        "rollback": "one",
        "services": ["motion", "ocr", "reader", "rtsp-capture"],  # under `reader` stands what an older version made
    }


@pytest.mark.parametrize(
    ("tracing", "purge"),
    [
        ({"backend": {"external": EXTERNAL}}, PurgeState.DONE),
        ({"backend": {"external": EXTERNAL}}, PurgeState.NOT_ASKED),
        ({"backend": {"external": EXTERNAL}}, PurgeState.GIVEN_UP),
        ({"backend": {"external": EXTERNAL}, "guard": {"purge": "Never"}}, PurgeState.PENDING),
        ({"backend": {"external": {**EXTERNAL, "purge": None}}}, PurgeState.PENDING),
        ({}, PurgeState.PENDING),
    ],
)
def test_no_call_is_made_where_none_is_to_be_made(tracing: Any, purge: PurgeState) -> None:
    assert purge_call(pipeline(**tracing), out(purge)) is None
    assert purge_call(pipeline(**tracing), None) is None


@pytest.mark.parametrize("state", [GuardState.PROBATION, GuardState.HEALTHY, GuardState.SUSPECT, GuardState.DISABLED])
def test_no_call_is_made_once_tracing_is_back(state: GuardState) -> None:
    assert purge_call(pipeline(backend={"external": EXTERNAL}), out(PurgeState.FAILED, state)) is None
