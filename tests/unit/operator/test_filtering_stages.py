"""Stages below one that ends some frames and hands others on: what was ended hides nobody who is dead, and no frame on its way is news."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from frame_tracking import HopCount
from frame_tracking.ledger import CameraState
from frametrace_operator.kube.kinds import POD

from tests.unit.operator.conftest import NAMESPACE, World
from tests.unit.operator.looked_at import LOOK, LookedAt, ledger

NEVER = float("inf")
READY, DEAD = ("True", "FramesFlowing"), ("False", "StagesUnavailable")
STAGES = [{"name": "motion", "handler": "motion"}, {"name": "detect", "handler": "archive", "input": "motion"}]


@dataclass
class Site(LookedAt):
    """One camera; `motion` ends its frames but for one in `every`, and `detect` is through with that `delay` seconds later.

    From `dead` on nothing gets through `detect`: frames fail in it, or wait. One in `poison` fails anyway.
    """

    world: World
    rate: float = 10.0
    every: int = 2
    delay: float = 0.0
    dead: float = NEVER
    fails: bool = True
    poison: int = 1_000_000
    born: float = 0.0
    said: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self, seconds: float) -> None:
        """Apply it, and go on for a while; what was written until then does not count."""
        await self.apply(stages=STAGES, capture={"framesPerSecond": f"{self.rate:g}"})
        self.said = [self.world.condition("Ready")]
        await self.go(seconds)
        self.writes = len(self.world.kube.writes)

    @property
    def age(self) -> float:
        return self.world.now.timestamp() - self.zero

    def kept(self, age: float) -> int:
        """Frames that `motion` has handed on by then."""
        return int(max(0.0, age) * self.rate) // self.every

    def tell(self) -> None:
        """All pods' ledgers are as they are now."""
        taken, kept = int(self.age * self.rate), self.kept(self.age)
        state = CameraState(id="cam01", connected=True)
        self.put("capture", "capture", cameras=(state,), entered=taken, left=taken)
        self.put("stage", "motion", entered=taken, left=kept, ended={"completed": taken - kept})
        over = self.kept(self.age - self.delay) - self.kept(self.born)
        alive = min(over, self.kept(self.dead - self.delay) - self.kept(self.born)) if self.dead < NEVER else over
        failed = alive // self.poison + (over - alive if self.fails else 0)
        through = alive - alive // self.poison
        waiting = {"cam01": kept - self.kept(self.born) - through - failed}
        counts = {"entered": through + failed, "ended": {"completed": through, "dropped:error": failed}}
        self.put("stage", "detect", waiting=waiting, **counts)

    def put(
        self,
        role: str,
        hop: str,
        *,
        cameras: tuple[CameraState, ...] = (),
        waiting: dict[str, int] | None = None,
        **counts: Any,
    ) -> None:
        now = self.world.now.timestamp()
        count = HopCount(camera="cam01", hop=hop, session="a", last_frame=now, **counts)
        known = ledger(hop, now=now, hops=(count,), cameras=cameras, waiting=waiting)
        self.world.ledgers.put(self.world.ip(role, "cam01" if role == "capture" else hop), known)

    async def replace_detect(self) -> None:
        """New pods of `detect` come for the old ones, and work."""
        self.world.kube.remove(POD, NAMESPACE, f"{self.world.deployment('stage', 'detect')['metadata']['name']}-1")
        self.world.run_pods()
        self.born, self.dead = self.age, NEVER
        self.tell()
        await self.world.reconcile()


@pytest.mark.parametrize(("fails", "why"), [(True, "FramesFail"), (False, "NotProcessing")])
async def test_a_stage_that_gets_nothing_through_is_told_whatever_the_one_above_it_ends(
    world: World, *, fails: bool, why: str
) -> None:
    site = Site(world, fails=fails)
    await site.begin(30)
    assert site.said[-1] == READY

    site.dead = site.age
    await site.go(20)

    assert site.said[-2:] == [READY, DEAD]
    assert f"detect: {why}: " in world.message("Ready")
    assert world.resource()["status"]["stagesReady"] == "1/2"


async def test_it_is_told_once_and_until_a_frame_gets_through(world: World) -> None:
    site = Site(world, fails=False)
    await site.begin(30)
    site.said = site.said[-1:]
    site.dead = site.age
    await site.go(300)
    assert site.said == [READY, DEAD]

    site.dead = NEVER
    await site.go(LOOK)

    assert site.said == [READY, DEAD, READY]


@pytest.mark.parametrize(
    ("rate", "every", "delay"),
    [(10, 2, 0), (10, 2, 4), (10, 600, 0), (10, 600, 1), (10, 600, 4), (0.1, 2, 0), (0.1, 2, 5), (0.1, 4, 9)],
)
async def test_frames_that_are_handed_on_once_in_a_while_and_are_on_their_way_are_no_news(
    world: World, rate: float, every: int, delay: float
) -> None:
    site = Site(world, rate, every, delay)
    await site.begin(90)

    await site.go(300)

    assert site.said[site.said.index(READY) :] == [READY]
    assert world.kube.writes[site.writes :] == []


@pytest.mark.parametrize(("fails", "why"), [(True, "FramesFail"), (False, "NotProcessing")])
@pytest.mark.parametrize(("rate", "every", "seconds"), [(10.0, 600, 60), (0.1, 2, 20)])
async def test_a_stage_that_is_handed_a_frame_once_in_a_while_is_told_after_three_and_stays_so(
    world: World, rate: float, every: int, seconds: int, *, fails: bool, why: str
) -> None:
    site = Site(world, rate, every, fails=fails)
    await site.begin(6 * seconds)
    site.said = site.said[-1:]
    site.dead = site.age

    await site.go(2 * seconds)
    assert site.said == [READY]
    await site.go(2 * seconds)
    assert site.said == [READY, DEAD]
    assert f"detect: {why}: " in world.message("Ready")

    writes = len(world.kube.writes)
    await site.go(5 * seconds)
    assert world.kube.writes[writes:] == []


async def test_a_frame_that_fails_once_in_a_while_is_no_news(world: World) -> None:
    site = Site(world, every=600, poison=3)
    await site.begin(90)
    site.said = site.said[-1:]

    await site.go(300)

    assert site.said == [READY]
    assert world.kube.writes[site.writes :] == []


@pytest.mark.parametrize(("fails", "last"), [(True, DEAD), (False, ("False", "Progressing"))])
async def test_a_stage_that_never_got_a_frame_through_keeps_the_pipeline_from_being_ready(
    world: World, *, fails: bool, last: tuple[str, str]
) -> None:
    site = Site(world, dead=0.0, fails=fails)

    await site.begin(60)

    assert READY not in site.said
    assert site.said[-1] == last


async def test_what_pods_owed_that_are_gone_is_no_fault_of_those_that_came_for_them(world: World) -> None:
    site = Site(world, every=600)
    await site.begin(90)
    site.dead = site.age
    await site.go(300)
    assert site.said[-1] == DEAD

    await site.replace_detect()
    await site.go(2 * LOOK)

    assert site.said[-1] == READY


async def test_an_operator_that_starts_anew_finds_the_stage_dead_again(world: World) -> None:
    site = Site(world)
    await site.begin(30)
    site.dead = site.age
    await site.go(30)

    world.restart()
    await world.reconcile()
    await site.go(30)

    assert site.said[-1] == DEAD
