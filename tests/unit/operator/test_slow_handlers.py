"""Stages whose handlers take long, and that serve many cameras in turn: slow is not stuck, and stuck is told soon."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from frame_tracking import HopCount
from frame_tracking.ledger import CameraState
from frametrace_operator.flow_memory import FlowMemory
from frametrace_operator.pace import FLOW_SECONDS, Pace, Step

from tests.unit.operator.conftest import World
from tests.unit.operator.looked_at import LOOK, LookedAt, ledger


@dataclass
class Site(LookedAt):
    """Cameras of a frame a second, and a stage that takes them in turn, `seconds` a frame; from `stops` on it gets no further."""

    world: World
    cameras: tuple[str, ...]
    seconds: float
    timeout: int = 60
    below: tuple[str, ...] = ()
    stops: float = float("inf")
    in_hand: bool = True
    left_out: dict[str, float] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self) -> None:
        """Apply it, and go on until it is ready; what was written until then does not count."""
        stages = [{"name": "deep", "handler": "m:H", "image": "i:1", "handlerTimeoutSeconds": self.timeout}]
        stages += [{"name": name, "handler": "archive", "input": "deep"} for name in self.below]
        cameras = [{"id": name, "source": {"url": f"rtsp://cameras.example/{name}"}} for name in self.cameras]
        await self.apply(cameras=cameras, stages=stages, capture={"framesPerSecond": "1"})
        await self.go(2 * self.seconds * len(self.cameras) + LOOK)
        self.said = [self.world.condition("Ready")]
        self.writes = len(self.world.kube.writes)

    def tell(self) -> None:
        """All pods' ledgers are as they are now."""
        now = self.world.now.timestamp()
        for camera in self.cameras:
            taken = int(now - self.zero)
            count = HopCount(camera=camera, hop="capture", session="a", entered=taken, left=taken, last_frame=now)
            state = CameraState(id=camera, connected=True)
            self.world.ledgers.put(
                self.world.ip("capture", camera), ledger("capture", now=now, hops=(count,), cameras=(state,))
            )
        self.world.ledgers.put(self.world.ip("stage", "deep"), ledger("deep", now=now, hops=tuple(self.counts(now))))
        for name in self.below:
            arrived = [count.model_copy(update={"hop": name, "entered": count.left}) for count in self.counts(now)]
            ended = [count.model_copy(update={"left": 0, "ended": {"completed": count.left}}) for count in arrived]
            self.world.ledgers.put(self.world.ip("stage", name), ledger(name, now=now, hops=tuple(ended)))

    def counts(self, now: float) -> list[HopCount]:
        """The stage's counts: one frame after the other, the next camera's in its hands."""
        found = []
        for at, camera in enumerate(self.cameras):
            over = self.left_out.get(camera, float("inf"))
            done = int(min(now - self.zero, self.stops, over) / self.seconds)
            own = (done - at + len(self.cameras) - 1) // len(self.cameras)
            last = self.zero + ((own - 1) * len(self.cameras) + at + 1) * self.seconds if own else 0.0
            holds = self.in_hand and camera == self.next_one(done)
            well: dict[str, Any] = {"left": own} if self.below else {"ended": {"completed": own}}
            found.append(HopCount(camera=camera, hop="deep", session="a", entered=own + holds, last_frame=last, **well))
        return found

    def next_one(self, done: int) -> str:
        """Whose frame is in the stage's hands after so many."""
        turn = done % len(self.cameras)
        return next(each for each in (*self.cameras[turn:], *self.cameras) if each not in self.left_out)

    def leave_out(self, camera: str) -> None:
        """The stage takes no more frames of this camera."""
        self.left_out[camera] = self.world.now.timestamp() - self.zero


def named(number: int) -> tuple[str, ...]:
    return tuple(f"cam{at:02}" for at in range(1, number + 1))


@pytest.mark.parametrize(
    ("cameras", "seconds", "below"),
    [(1, 15, ()), (1, 55, ()), (4, 15, ()), (8, 2, ()), (1, 15, ("archive",)), (4, 15, ("archive",))],
)
async def test_a_slow_stage_that_gets_on_is_ready_all_the_time(
    world: World, cameras: int, seconds: float, below: tuple[str, ...]
) -> None:
    site = Site(world, named(cameras), seconds, below=below)
    await site.begin()
    await site.go(150)
    assert site.said == [("True", "FramesFlowing")]
    assert world.kube.writes[site.writes :] == []


@pytest.mark.parametrize(("cameras", "seconds"), [(1, 15), (4, 15), (8, 2)])
async def test_an_operator_that_starts_anew_finds_a_slow_stage_ready(
    world: World, cameras: int, seconds: float
) -> None:
    site = Site(world, named(cameras), seconds)
    await site.begin()
    for _ in range(5):
        await site.go(4 * LOOK)
        world.restart()
        await world.reconcile()
    assert site.said == [("True", "FramesFlowing")]
    assert world.kube.writes[site.writes :] == []


@pytest.mark.parametrize(("cameras", "seconds"), [(1, 0.5), (1, 15), (4, 15), (8, 2)])
async def test_a_frame_that_stays_longer_than_its_handler_may_take_is_told_once(
    world: World, cameras: int, seconds: float
) -> None:
    site = Site(world, named(cameras), seconds)
    await site.begin()
    site.stops = world.now.timestamp() - site.zero
    await site.go(site.timeout - LOOK)
    assert site.said == [("True", "FramesFlowing")]
    await site.go(FLOW_SECONDS + 4 * LOOK)
    assert site.said == [("True", "FramesFlowing"), ("False", "StagesUnavailable")]
    assert "deep: NotProcessing" in world.message("Ready")
    await site.go(120)
    assert len(site.said) == 2


async def test_a_fast_stage_that_takes_no_frame_any_more_is_told_at_once(world: World) -> None:
    site = Site(world, named(4), 0.1, in_hand=False)
    await site.begin()
    site.stops = world.now.timestamp() - site.zero
    await site.go(FLOW_SECONDS + 2 * LOOK)
    assert site.said == [("True", "FramesFlowing"), ("False", "StagesUnavailable")]


async def test_a_camera_that_a_fast_stage_leaves_out_is_told_at_once(world: World) -> None:
    site = Site(world, named(4), 0.1)
    await site.begin()
    site.leave_out("cam02")
    await site.go(FLOW_SECONDS + 2 * LOOK)
    assert site.said == [("True", "FramesFlowing"), ("False", "StagesUnavailable")]
    assert "frames of cam02 wait" in world.message("Ready")


async def test_a_camera_that_a_slow_stage_leaves_out_is_told_after_its_turn(world: World) -> None:
    site = Site(world, named(4), 15)
    await site.begin()
    site.leave_out("cam02")
    await site.go(2 * 4 * 15 - LOOK)
    assert site.said == [("True", "FramesFlowing")]
    await site.go(2 * 4 * 15)
    assert site.said == [("True", "FramesFlowing"), ("False", "Progressing")]
    assert "no frame of camera cam02 has lately reached the end of deep" in world.message("Ready")


def test_the_first_frame_after_a_rest_has_its_time_too() -> None:
    memory = FlowMemory(Pace(FLOW_SECONDS, 2, {"deep": Step("capture", 60.0)}))
    slow_at = []
    for now in range(1000, 1600, 3):
        taken = 7 if now < 1300 else 8  # it rests for 300 s, and gets no further with the frame that comes then
        count = HopCount(
            camera="cam01", hop="deep", session="a", entered=taken, ended={"completed": 7}, last_frame=1000
        )
        memory.read("pod", ledger("deep", now=float(now), hops=(count,)), float(now))
        if memory.flow(float(now)).slow:
            slow_at.append(now)
    assert 1300 <= slow_at[0] <= 1300 + FLOW_SECONDS
    assert 1300 + 60 <= slow_at[-1] <= 1300 + 60 + FLOW_SECONDS + LOOK
    assert slow_at == list(range(slow_at[0], slow_at[-1] + 1, 3))


@pytest.mark.parametrize(
    ("counts", "full"),
    [
        ({"entered": 2, "ended": {"completed": 1, "dropped:expired": 1}, "ended_waiting": 1}, True),
        ({"entered": 2, "ended": {"completed": 1}, "given_back": 1}, False),
        ({"entered": 2, "ended": {"completed": 2}}, False),
    ],
)
def test_a_frame_is_in_hand_until_it_goes_and_those_that_never_entered_are_none(
    counts: dict[str, Any], *, full: bool
) -> None:
    memory = FlowMemory(Pace(FLOW_SECONDS, 1, {"deep": Step("capture", 60.0)}))
    hop = HopCount(camera="cam01", hop="deep", session="a", last_frame=1000, **counts)
    for now in (1000.0, 1003.0):
        memory.read("pod", ledger("deep", now=now, hops=(hop,)), now)
    assert memory.flow(1060.0).busy is full
