"""The short form of the run in which processes are killed and the broker restarted; `make prove` has 100,000 frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench.no_loss_parts.plan import Size, plan_of
from scripts.bench.no_loss_parts.run import run
from scripts.bench.no_loss_parts.servers import BROKERS

pytestmark = pytest.mark.contract
SHORT = Size(frames=2_000, per_second=120.0, kills=3, restarts=1)


@pytest.mark.timeout(180)
def test_no_frame_is_lost_without_a_word_when_processes_are_killed_and_redis_restarts(tmp_path: Path) -> None:
    broker = BROKERS["operator-redis"](tmp_path)
    try:
        found = run(tmp_path, broker, plan_of(20240315, SHORT))
    finally:
        broker.stop()

    assert found.unaccounted == ()
    assert found.captured == SHORT.frames
    assert found.fates["completed"] > SHORT.frames // 2
