"""Cameras of which a frame is taken once in a while flow as well as others."""

from typing import Any

import pytest
from frametrace_operator.pace import FLOW_SECONDS, flow_seconds


@pytest.mark.parametrize(
    ("rate", "seconds"), [(None, FLOW_SECONDS), (30.0, FLOW_SECONDS), (0.1, 30.0), (0.001, 3000.0)]
)
def test_silence_is_longer_than_three_frames(rate: float | None, seconds: float) -> None:
    assert flow_seconds(rate) == pytest.approx(seconds)


async def test_a_frame_in_a_minute_is_ready_all_the_time(world: Any) -> None:
    await world.ready(capture={"framesPerSecond": "0.016"})
    for _ in range(3):
        world.later(58)
        await world.book.refresh()
        await world.settle()
        assert world.condition("Ready") == ("True", "FramesFlowing")
        world.flow(frames=1)
        await world.book.refresh()


async def test_and_is_not_once_nothing_comes_any_more(world: Any) -> None:
    await world.ready(capture={"framesPerSecond": "0.1"})
    world.later(31)
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("False", "CamerasUnavailable")
