"""Node failures: told by the pipeline's own pods there, else by Kubernetes in a minute; a Jaeger that hangs still counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from frame_tracking import Topology
from frametrace_api.guard import Guard
from frametrace_operator.assess.facts import Facts
from frametrace_operator.flow import Flow
from frametrace_operator.guard.audit.readings import Between, Reading
from frametrace_operator.guard.deciding.judge import judge
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.measuring.history import History
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.guard.observing import excuses
from frametrace_operator.guard.observing.nodes import HELD_PROBES, lost_node
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.podview import pod_view

from tests.unit.operator.guard.site import NOON, WINDOW, pipeline

STATES = {("jaeger", ""): Workload(replaced=True, observed=True)}
EVERY = 5
READY = {"type": "Ready", "status": "True"}
LOST = {"type": "Ready", "status": "False"}  # as the node's controller writes it: the rest stays as it was
UNREADY = LOST | {"reason": "ContainersNotReady"}
ALL_READY, NONE_READY = {"type": "ContainersReady", "status": "True"}, {"type": "ContainersReady", "status": "False"}


def jaeger(*conditions: dict[str, str], **fields: Any) -> PodView:
    """The pod of a Jaeger that has run for long."""
    began = (NOON - timedelta(hours=1)).isoformat()
    container = {"name": "jaeger", "restartCount": 0, "state": {"running": {"startedAt": began}}}
    status = {"phase": "Running", "conditions": list(conditions), "containerStatuses": [container]}
    metadata = {"name": "yard-jaeger-1", "uid": "u-j", "labels": {"frametrace.dev/role": "jaeger"}}
    return replace(pod_view({"metadata": metadata, "spec": {"nodeName": "n1"}, "status": status}), **fields)


def capture(**fields: Any) -> PodView:
    return PodView("yard-cam0-1", "u-c", "capture", "cam0", **{"node": "n1", "running": True, "ready": True} | fields)


def facts(*pods: PodView, unreadable: tuple[str, ...] = (), at: float = 0.0, told: float = 0.0) -> Facts:
    """A look at pods that last answered `told` seconds ago."""
    now, flow = NOON + timedelta(seconds=at), Flow(unreadable=dict.fromkeys(unreadable, "no answer"))
    told_at = {pod.uid: now - timedelta(seconds=told) for pod in pods if pod.role != "jaeger"}
    return Facts(pipeline(), Observation(now, "u-1", workloads=STATES, pods=pods, flow=flow, told_at=told_at))


def why(seen: Facts, failed: int) -> str:
    """Why the node is taken for lost; empty if it is not."""
    lost = lost_node(seen, failed)
    return lost.why if lost is not None else ""


def excuse(seen: Facts, *, failed: int) -> str:
    """As the guard asks for it."""
    return excuses.excuse(seen, lost_node(seen, failed))


def test_without_a_neighbour_kubernetes_is_waited_for_as_long_as_it_needs() -> None:
    alone = facts(jaeger(READY, ALL_READY))
    assert [why(alone, failed) for failed in (0, 1, 2)] == [""] * 3, "that is no verdict yet"
    assert "may be down: no other pod" in why(alone, 3)
    assert "may be down" in why(alone, HELD_PROBES)
    assert why(alone, HELD_PROBES + 1) == ""


def test_pods_elsewhere_tell_nothing_of_the_node_and_pods_there_do() -> None:
    there = jaeger(READY, ALL_READY)
    assert "may be down" in why(facts(there, capture(node="n2")), 3)
    assert why(facts(there, capture()), 3) == ""
    assert "none of the pipeline's pods there answers" in why(facts(there, capture(), unreadable=("u-c",)), 1)


def test_what_a_pod_said_before_jaeger_fell_silent_tells_nothing_of_the_node() -> None:
    there = jaeger(READY, ALL_READY)
    assert "may be down: the pipeline's other pods there were not asked since" in why(
        facts(there, capture(), told=12), 3
    )
    assert why(facts(there, capture(), told=8), 3) == ""
    assert why(facts(there, capture(), told=12), 4) == "", "by then it was asked, and answered"


def test_pods_that_do_not_answer_excuse_jaeger_for_as_long_as_kubernetes_needs_to_say_the_same() -> None:
    silent = ("u-c",)
    assert why(facts(jaeger(READY, ALL_READY), capture(), unreadable=silent), HELD_PROBES)
    assert why(facts(jaeger(READY, ALL_READY), capture(), unreadable=silent), HELD_PROBES + 1) == ""
    assert why(facts(jaeger(LOST, ALL_READY), capture(), unreadable=silent), 99)
    assert why(facts(jaeger(READY, ALL_READY), capture(out_of_touch=True), unreadable=silent), 99)


def test_only_a_node_of_which_somebody_tells_is_forgiven_a_restart() -> None:
    alone, told = facts(jaeger(READY, ALL_READY)), facts(jaeger(LOST, ALL_READY))
    assert [lost is not None and lost.sure for lost in (lost_node(alone, 3), lost_node(told, 3))] == [False, True]


@pytest.mark.parametrize(
    ("pod", "lost"),
    [
        (jaeger(LOST, ALL_READY), True),
        (jaeger(UNREADY, NONE_READY), False),
        (jaeger(LOST | {"reason": "ReadinessGatesNotReady"}, ALL_READY), False),
        (jaeger(LOST, ALL_READY, trouble="CrashLoopBackOff"), False),
        (jaeger(LOST, ALL_READY, running=False), False),
    ],
)
def test_a_pod_whose_containers_were_ready_when_they_were_last_heard_of_is_on_a_lost_node(
    pod: PodView, *, lost: bool
) -> None:
    assert ("Kubernetes does not hear from it" in why(facts(pod), 99)) is lost


def test_a_kubelet_that_died_alone_excuses_no_jaeger_beside_a_pod_that_answers() -> None:
    assert why(facts(jaeger(LOST, ALL_READY), capture()), 99) == ""


def rolls_back_after(pod_at: Callable[[int], PodView], seconds: int = 300) -> int | None:
    """When Jaeger, which answers no more from 0 on, is held to be unstable; None if it is not in time."""
    history = History()
    watched = Watched(frozenset(), Topology.of([]), JaegerAt("http://jaeger.example:16686"))
    for at in range(0, seconds, EVERY):
        now, failed = NOON + timedelta(seconds=at), at // EVERY + 1
        probed = Probed(failed=failed, error="no answer in time")
        history.probed(now, probed, watched)
        watched = replace(watched, excuse=excuse(facts(pod_at(at), at=at), failed=failed))
        history.probed(now, probed, watched)
        if at % WINDOW.seconds == 0:
            readings = Reading(now.timestamp() - WINDOW.seconds), Reading(now.timestamp())
            history.window(now, readings, Between(spans=100, failed=100), probed, watched)
        if judge(history.evidence, Guard(), None, None)[2].certain:
            return at
    return None


def test_a_jaeger_alone_on_a_node_that_dies_is_not_blamed() -> None:
    assert rolls_back_after(lambda at: jaeger(LOST if at >= 55 else READY, ALL_READY)) is None


def test_a_jaeger_that_hangs_alone_on_a_node_that_is_well_is_blamed_once_the_kubelet_says_so() -> None:
    well, hangs = jaeger(READY, ALL_READY), jaeger(UNREADY, NONE_READY)
    decided = rolls_back_after(lambda at: hangs if at >= 15 else well)
    assert decided is not None
    assert decided <= 40


def test_a_jaeger_that_hangs_and_that_the_kubelet_calls_ready_is_blamed_in_time_for_a_rollback_within_300_s() -> None:
    decided = rolls_back_after(lambda _: jaeger(READY, ALL_READY))
    assert decided is not None
    assert decided <= 90
