"""What the watch is told of a pipeline."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import Topology
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_operator.guard.observing.asking import headers_of, watched_of
from frametrace_operator.pods.base import Target

from tests.unit.operator.guard.site import pipeline

TARGETS = [Target("p", "u", "10.0.0.1")]
HEALTHY = TracingStatus(state=GuardState.HEALTHY, effective_ratio="0.5")


def test_evidence_is_kept_for_as_many_windows_as_are_wanted_in_a_row() -> None:
    watched = watched_of(pipeline(guard={"failureWindows": 20}), HEALTHY, TARGETS)

    assert watched is not None
    assert watched.failure_windows == 20


def test_a_managed_jaeger_is_the_pipelines_alone_and_has_a_size() -> None:
    watched = watched_of(pipeline(guard={"windowSeconds": 7, "maxMissingPercent": "2"}), HEALTHY, TARGETS, restarts=1)

    assert watched is not None
    assert watched.targets == frozenset(TARGETS)
    assert watched.topology == Topology.of([("motion", "capture")])
    assert (watched.length, watched.settle_seconds, watched.limit, watched.ratio) == (10, 10, 2.0, 0.5)
    assert (watched.suspect, watched.restarts, watched.excuse) == (False, 1, "")
    assert watched.jaeger.url.endswith(":16686")
    assert watched.jaeger.metrics_url.endswith(":8888/metrics")
    assert watched.max_traces is not None


def test_a_volume_has_the_size_of_a_span_that_the_status_tells() -> None:
    measured = HEALTHY.model_copy(update={"bytes_per_span": 700})
    told = [
        watched_of(pipeline(backend={"managed": {"storage": kind}}), measured, TARGETS) for kind in ("Badger", "Memory")
    ]

    assert [(each.on_volume, each.bytes_per_span) for each in told if each] == [(True, 700), (False, None)]


@pytest.mark.parametrize("state", [GuardState.SUSPECT, GuardState.PROBATION])
def test_a_suspect_is_looked_at_whole(state: GuardState) -> None:
    watched = watched_of(pipeline(), TracingStatus(state=state), TARGETS)
    assert watched is not None
    assert watched.suspect


def test_an_external_jaeger_gets_its_headers_and_is_nobodys_alone() -> None:
    backend = {"external": {"otlpEndpoint": "http://jaeger.site:4318", "queryUrl": "https://jaeger.site/query"}}
    watched = watched_of(pipeline(backend=backend), HEALTHY, TARGETS, headers={"x-token": "s3cret"})

    assert watched is not None
    assert (watched.jaeger.url, watched.jaeger.headers, watched.jaeger.metrics_url, watched.max_traces) == (
        "https://jaeger.site/query",
        {"x-token": "s3cret"},
        "",
        None,
    )
    assert "s3cret" not in repr(watched)


@pytest.mark.parametrize("changed", [{"mode": "Suspended"}, {"tracing_mode": "Disabled"}])
def test_what_sleeps_or_is_not_traced_is_not_measured(changed: dict[str, Any]) -> None:
    assert watched_of(pipeline(**changed), HEALTHY, TARGETS) is None


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Authorization=Bearer%20abc, x-scope = 7", {"authorization": "Bearer abc", "x-scope": "7"}),
        ("a=b=c", {"a": "b=c"}),
        ("", {}),
        ("nothing,=x,a=%0D%0Ax,ü=1", {"a": "x"}),
        ("a=b%0Ac", {}),
    ],
)
def test_headers_are_read_as_opentelemetry_writes_them(text: str, headers: dict[str, str]) -> None:
    assert headers_of(text) == headers
