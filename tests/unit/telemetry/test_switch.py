from __future__ import annotations

import pytest
from frame_tracking import TracingNow
from frametrace_api.contract import LiveContract, LiveTracing, TracingState
from telemetry import MemoryTracer, Service, SwitchableTracer, UntracedTracer

OFF = LiveContract(revision="r", tracing=LiveTracing(state=TracingState.OFF))


@pytest.mark.parametrize(
    ("contract", "state"), [(LiveContract(revision="r"), TracingNow.ON), (OFF, TracingNow.OFF)], ids=["on", "off"]
)
def test_a_process_tells_whether_it_traces_now(contract: LiveContract, state: TracingNow) -> None:
    switch = SwitchableTracer(MemoryTracer(Service("motion", "line", "motion")))
    switch.apply(contract)

    assert switch.state is state


def test_a_process_without_a_tracer_says_disabled_whatever_the_live_switch_says() -> None:
    switch = SwitchableTracer(UntracedTracer())
    said = [switch.state]
    for contract in (OFF, LiveContract(revision="r")):
        switch.apply(contract)
        said.append(switch.state)

    assert said == [TracingNow.DISABLED] * 3
