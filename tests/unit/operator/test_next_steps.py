"""Every reason that a person can do something about says what."""

from typing import Any

import pytest
from frametrace_api.conditions import BrokerAvailableReason, CaptureAvailableReason
from frametrace_operator.assess.next_steps import with_next_step

NOTHING_TO_DO = {"Capturing", "Available", "Starting", "Suspended", "Unknown"}


@pytest.mark.parametrize("reason", [*CaptureAvailableReason, *BrokerAvailableReason], ids=str)
def test_a_reason_has_a_next_step_unless_there_is_nothing_to_do(reason: Any) -> None:
    assert (with_next_step(reason, "why") == "why") == (reason.value in NOTHING_TO_DO)


async def test_it_stands_in_the_camera_s_line_and_in_the_summary(world: Any) -> None:
    await world.ready()
    world.camera_says("cam01", reason="Unauthorized", message="the camera answered 401")
    await world.book.refresh()
    await world.settle()
    [line] = world.resource()["status"]["cameras"]
    assert line["message"].startswith("the camera answered 401; correct the Secret")
    assert "correct the Secret" in world.message("Ready")
