"""Rows R.1 and R.2: traces that grow beyond all bounds are foreseen; a lost context breaks nothing and is counted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import connect
from frame_tracking import FrameID, FrameMetadata, Journey, Ledger, Outcome, SpanCount, Topology, TraceContext, now
from frametrace_api.contract import BrokerContract, PipelineRef
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.measuring.projecting import projection
from frametrace_operator.kube.kinds import EVENT

from tests.contract.rules.alert_cases import CASES
from tests.contract.rules.test_alerts import asked, run
from tests.real.pipeline import LocalPipeline
from tests.real.redis import RedisServer
from tests.unit.operator.conftest import World

SPANS_A_FRAME, FPS, WINDOW = 7, 30, 30
BROKEN = {
    "missing": TraceContext("", "", 3),
    "foreign": TraceContext("f" * 32, "00f067aa0ba902b7", 3),
    "of zeros": TraceContext("0" * 32, "0" * 16, 3),
}


def _exported(frames: int) -> Ledger:
    spans = SpanCount(created=frames * SPANS_A_FRAME, exported=frames * SPANS_A_FRAME)
    return Ledger(pipeline="yard", service="motion", pod="a", revision="r", started=1.0, spans=spans)


@pytest.mark.parametrize(
    ("cameras", "told", "events"),
    [(0.5, ("True", "WithinBudget"), set()), (1, ("False", "OverBudget"), {"OverTraceBudget"})],
)
async def test_r_1_above_the_budget_of_10_gb_a_day_there_are_a_condition_and_an_event(
    cameras: float, told: tuple[str, str], events: set[str]
) -> None:
    world = World()
    await world.ready()
    world.later(120)
    spans = [_exported(0)], [_exported(round(cameras * FPS * WINDOW))]
    world.evidence = Evidence(projection=projection(*spans, at=world.now, seconds=WINDOW, ratio=1.0))
    await world.settle()

    assert world.condition("WithinTraceBudget") == told
    assert {body["reason"] for body in world.kube.objects(EVENT)} & {"OverTraceBudget"} == events


async def test_r_1_the_ratio_is_lowered_where_the_budget_says_so() -> None:
    world = World()
    await world.ready()
    world.change(tracing={"budget": {"bytesPerDay": "1G", "action": "ReduceSampling"}})
    await world.settle()
    world.later(120)
    spans = [_exported(0)], [_exported(FPS * WINDOW)]
    world.evidence = Evidence(projection=projection(*spans, at=world.now, seconds=WINDOW, ratio=1.0))
    await world.settle()

    assert 0 < float(world.resource()["status"]["tracing"]["effectiveRatio"]) < 0.2


@pytest.mark.contract
@pytest.mark.parametrize("alert", ["FrametraceTraceBudgetExceeded", "FrametraceTraceStorageGrowth"])
def test_r_1_an_alert_warns_early(alert: str, tmp_path: Path) -> None:
    [case] = [each for each in CASES if each.alert == alert]

    run(tmp_path, [asked(case.fires, case, {case.at: True}), asked(case.silent, case, {case.at: False})])


@pytest.mark.contract
@pytest.mark.parametrize("context", BROKEN.values(), ids=BROKEN)
def test_r_2_a_frame_with_a_broken_context_goes_on_in_its_own_trace_and_is_counted(
    context: TraceContext, traced: LocalPipeline, redis_server: RedisServer, query: Any
) -> None:
    frame_id = FrameID.generate("cam01")
    lost = _lost(traced)
    pipeline = PipelineRef(namespace="local", name="local", uid="00000000-0000-0000-0000-000000000001")
    broker = connect(BrokerContract(url=redis_server.url), pipeline, lambda: Topology((("motion", "capture"),)))
    broker.producer("cam01", "capture").send(
        Frame(FrameMetadata(frame_id=frame_id, timestamp=now()), _picture()), context
    )
    broker.close()

    journey = _journey(query, frame_id)
    [span] = [each for each in journey.spans if each.service == "motion"]
    assert (span.parent_id, span.attributes["frame.context_lost"]) == (None, True)
    assert journey.outcome is Outcome.COMPLETED  # the picture was handled all the same
    assert _lost(traced) == lost + 1


def _picture() -> bytes:
    from camera_runtime import capture_frame  # noqa: PLC0415 - a picture that a stage can read

    picture: bytes = capture_frame().picture
    return picture


def _lost(traced: LocalPipeline) -> int:
    return sum(hop.context_lost for hop in traced.ledger("motion").hops)


def _journey(query: Any, frame_id: FrameID) -> Journey:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = query.get("/api/traces", service="motion", tag=f"frame.id:{frame_id}")["data"]
        if found:
            return Journey.from_jaeger(found[0])
        time.sleep(0.2)
    raise AssertionError(f"no trace of {frame_id}")
