"""What keeps Jaeger away that is not its own doing, and how often it restarted lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from frametrace_operator.assess.facts import Facts
from frametrace_operator.flow import Flow
from frametrace_operator.guard.observing.excuses import excuse, life
from frametrace_operator.guard.observing.nodes import lost_node
from frametrace_operator.guard.observing.restarts import Restarts
from frametrace_operator.keys import PipelineKey
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.podview import pod_view

from tests.unit.operator.guard.site import NOON, pipeline

KEY = PipelineKey("site-a", "yard")
THERE = Workload(replaced=True, observed=True)
OLD = NOON - timedelta(hours=1)


def jaeger(**fields: Any) -> PodView:
    known: dict[str, Any] = {"node": "n1", "started": OLD, "running": True} | fields
    return PodView("yard-jaeger-1", "u-j", "jaeger", "", **known)


def capture(**fields: Any) -> PodView:
    return PodView("yard-cam0-1", "u-c", "capture", "cam0", **{"node": "n1", "running": True, "ready": True} | fields)


def told(
    *pods: PodView,
    state: Workload | None = THERE,
    unreadable: tuple[str, ...] = (),
    failed: int = 3,
    forgiven: dict[str, int] | None = None,
    **spec: Any,
) -> str:
    states = {("jaeger", ""): state} if state is not None else {}
    flow = Flow(unreadable=dict.fromkeys(unreadable, "no answer"))
    told_at = {pod.uid: NOON for pod in pods if pod.role != "jaeger"}
    facts = Facts(pipeline(**spec), Observation(NOON, "u-1", workloads=states, pods=pods, flow=flow, told_at=told_at))
    return excuse(facts, lost_node(facts, failed), forgiven)


@pytest.mark.parametrize(
    ("pods", "words"),
    [
        ((jaeger(ready=True), capture()), ""),
        ((jaeger(), capture()), ""),
        ((jaeger(restarts=1), capture()), ""),
        ((jaeger(trouble="CrashLoopBackOff", restarts=3), capture()), ""),
        ((jaeger(started=NOON - timedelta(seconds=20)), capture()), "being started"),
        ((jaeger(started=NOON - timedelta(seconds=20), restarts=1), capture()), ""),
        ((jaeger(running=False, started=None, node=""), capture()), "being started"),
        ((), "being started"),
        ((jaeger(trouble="ErrImagePull", message="no such image", running=False),), "no such image"),
        ((jaeger(trouble="Unschedulable", message="0/3 nodes", running=False, node=""),), "no node takes"),
        ((jaeger(), capture(ready=False)), ""),
    ],
)
def test_excuses(pods: tuple[PodView, ...], words: str) -> None:
    said = told(*pods)
    assert (words in said) if words else said == ""


def test_a_node_whose_pods_do_not_answer_is_down_before_kubernetes_says_so() -> None:
    elsewhere = PodView("yard-cam1-1", "u-d", "capture", "cam1", node="n2", running=True, ready=True)
    assert "node n1 is down" in told(jaeger(ready=True), capture(), elsewhere, unreadable=("u-c",))
    assert "node n1 is down" in told(jaeger(restarts=1), capture(ready=False), unreadable=("u-c",))
    assert told(jaeger(ready=True), capture(), elsewhere, unreadable=("u-d",)) == ""


def test_pods_that_do_not_answer_excuse_no_jaeger_that_does_nor_one_that_crashes() -> None:
    assert told(jaeger(ready=True), capture(), unreadable=("u-c",), failed=0) == ""
    crashes = jaeger(trouble="CrashLoopBackOff", restarts=9)
    assert told(crashes, capture(), unreadable=("u-c",)) == ""


def test_a_jaeger_that_is_being_replaced_is_excused_and_one_of_the_owners_never() -> None:
    assert "being started" in told(jaeger(), capture(), state=Workload())
    external = {"external": {"otlpEndpoint": "http://jaeger.obs:4318", "queryUrl": "http://jaeger.obs:16686"}}
    assert told(state=None, backend=external) == ""


def test_a_jaeger_whose_image_took_long_is_young_from_when_its_container_began() -> None:
    began = NOON - timedelta(seconds=20)
    running = {"name": "jaeger", "restartCount": 0, "state": {"running": {"startedAt": began.isoformat()}}}
    status = {"phase": "Running", "startTime": OLD.isoformat(), "containerStatuses": [running]}
    metadata = {"name": "yard-jaeger-1", "uid": "u-j", "labels": {"frametrace.dev/role": "jaeger"}}
    pod = pod_view({"metadata": metadata, "spec": {"nodeName": "n1"}, "status": status})

    assert pod.started == began
    assert "being started" in told(pod, capture())


def test_restarts_are_counted_from_when_they_were_seen_and_for_five_minutes() -> None:
    restarts = Restarts()

    def saw(seconds: float, *pods: PodView) -> int:
        return restarts.saw(KEY, Observation(NOON + timedelta(seconds=seconds), "u-1", pods=pods))

    assert saw(0, jaeger(restarts=7)) == 0
    assert saw(10, jaeger(restarts=8)) == 1
    assert saw(20, jaeger(restarts=8)) == 1
    assert saw(30, jaeger(restarts=10)) == 3
    assert saw(311, jaeger(restarts=10)) == 2
    assert saw(331, jaeger(restarts=10)) == 0
    restarts.forget(KEY)
    assert saw(400, jaeger(restarts=12)) == 0


def test_restarts_of_a_pod_that_comes_when_there_was_none_count() -> None:
    restarts = Restarts()
    assert restarts.saw(KEY, Observation(NOON, "u-1")) == 0
    assert restarts.saw(KEY, Observation(NOON, "u-1", pods=(jaeger(restarts=2),))) == 2


def test_a_jaeger_that_its_node_restarted_is_being_started_and_one_that_crashed_is_not() -> None:
    restarts, young = Restarts(), NOON - timedelta(seconds=20)

    def looks(*counts: int, lost: bool) -> list[int]:
        seen = [Observation(NOON, "u-1", pods=(jaeger(restarts=count),)) for count in counts]
        return [restarts.saw(KEY, each, lost=lost) for each in seen]

    def says(count: int) -> str:
        return told(jaeger(restarts=count, started=young), capture(), forgiven=dict(restarts.forgiven(KEY)))

    assert looks(0, lost=False) + looks(0, lost=True) == [0, 0]
    assert looks(1, lost=False) == [0], "its node came back, and began it anew"
    assert "being started" in says(1)
    assert looks(2, lost=False) == [1]
    assert says(2) == ""


def test_restarts_from_before_this_operator_are_not_held_against_a_jaeger_that_starts() -> None:
    restarts = Restarts()
    restarts.saw(KEY, Observation(NOON, "u-1", pods=(jaeger(restarts=7),)))
    assert dict(restarts.forgiven(KEY)) == {"u-j": 7}
    restarts.saw(KEY, Observation(NOON, "u-1", pods=()))
    assert dict(restarts.forgiven(KEY)) == {}


def test_a_jaegers_life_is_another_after_a_restart_and_in_another_pod() -> None:
    def lives(*pods: PodView) -> str:
        return life(Observation(NOON, "u-1", pods=pods))

    assert lives() == lives(capture()) == ""
    assert lives(jaeger()) == lives(jaeger(ready=True), capture()) == "u-j:0"
    assert lives(jaeger(restarts=1)) == "u-j:1"
    assert lives(jaeger(ended=True)) == ""
