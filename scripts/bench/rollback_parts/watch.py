"""Watches the pods of one pipeline: their ledgers ten times a second, and what is told of them afterwards.

Times are those of this machine's clock, which the pods share. A frame that a ledger counts carries the time at which it
left, so a camera's gap is known better than the ledgers are read often.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
from frame_tracking import CAPTURE_HOP, DropReason, Ledger, Outcome, TracingNow
from frametrace_api.group import LABEL_PIPELINE
from frametrace_operator.kube.kinds import POD
from frametrace_operator.observation import PodView
from frametrace_operator.podview import pod_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from frametrace_operator.kube.base import Kube

__all__ = ["Life", "Watch"]

_EVERY = 0.1
_ANSWER = aiohttp.ClientTimeout(total=1.0)


@dataclass
class Life:
    """One pod's life as it was seen: the first and the last look at it, and the ledger that it showed last."""

    pod: PodView
    begun: float
    seen: float
    ended: bool = False
    off_at: float | None = None
    first_frame: float | None = None
    ledger: Ledger | None = None

    @property
    def last_frame(self) -> float:
        """When a frame last left; 0 if none did."""
        return max((hop.last_frame for hop in self.ledger.hops), default=0.0) if self.ledger else 0.0


@dataclass
class Watch:
    """All lives of a pipeline's pods, by UID."""

    kube: Kube
    namespace: str
    pipeline: str
    period: float
    lives: dict[str, Life] = field(default_factory=dict)

    async def run(self, over: Callable[[], bool] = lambda: False) -> None:
        """Look until it is over, or the task is cancelled."""
        async with aiohttp.ClientSession(timeout=_ANSWER, connector=aiohttp.TCPConnector(limit=0)) as session:
            while not over():
                began = time.monotonic()
                await self.look(session)
                await asyncio.sleep(max(0.0, _EVERY - (time.monotonic() - began)))

    async def look(self, session: aiohttp.ClientSession) -> None:
        """Look once at all pods; a cluster that does not answer now is looked at later."""
        try:
            labels = {LABEL_PIPELINE: self.pipeline, "frametrace.dev/runtime": "true"}
            pods = [pod_view(body) for body in await self.kube.find(POD, self.namespace, labels)]
        except Exception:  # noqa: BLE001 - it may be restarting: that is what some runs are about
            pods = [life.pod for life in self.lives.values() if not life.ended]
        else:
            there = {pod.uid for pod in pods if not pod.ended}
            for uid, life in self.lives.items():
                life.ended = life.ended or uid not in there
        await asyncio.gather(*(self._read(session, pod) for pod in pods if not pod.ended))

    async def _read(self, session: aiohttp.ClientSession, pod: PodView) -> None:
        now = time.time()
        life = self.lives.setdefault(pod.uid, Life(pod, now, now))
        life.pod, life.seen = pod, now
        if not pod.ip:
            return
        try:
            async with session.get(f"http://{pod.ip}:8080/ledger") as answer:
                ledger = Ledger.model_validate_json(await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return
        life.ledger, now = ledger, time.time()
        if ledger.tracing is TracingNow.ON:
            life.off_at = None
        elif life.off_at is None:
            life.off_at = now
        left = sum(hop.left + sum(hop.ended.values()) for hop in ledger.hops)
        if life.first_frame is None and life.last_frame:
            life.first_frame = life.last_frame - (left - 1) * self.period

    def captures(self, camera: str) -> list[Life]:
        """The lives of a camera's captures, oldest first."""
        found = [life for life in self.lives.values() if (life.pod.role, life.pod.item) == (CAPTURE_HOP, camera)]
        return sorted(found, key=lambda life: life.begun)

    def gap(self, camera: str) -> float | None:
        """Seconds between the last frame of a camera's pod before the last one, and the first of the last one."""
        lives = [life for life in self.captures(camera) if life.last_frame]
        if len(lives) < 2 or lives[-1].first_frame is None:  # noqa: PLR2004 - two lives make a gap
            return None
        return lives[-1].first_frame - lives[-2].last_frame

    def cameras(self) -> list[str]:
        """All cameras whose captures were seen."""
        return sorted({life.pod.item for life in self.lives.values() if life.pod.role == CAPTURE_HOP})

    def lost(self) -> dict[str, int]:
        """Frames that each life's process lost, by UID: those that ended otherwise than well. Its own end is no loss of tracing's."""
        return {uid: _lost(life.ledger) for uid, life in self.lives.items() if life.ledger is not None}

    def running(self) -> list[Life]:
        """The lives that are not over."""
        return [life for life in self.lives.values() if not life.ended]

    def all_say(self, *states: TracingNow) -> bool:
        """Whether there are pods, and every one of them says that it is in one of these states now."""
        lives = self.running()
        return bool(lives) and all(life.ledger is not None and life.ledger.tracing in states for life in lives)

    def off_at(self, since: float) -> float | None:
        """When the last pod that ran at `since` said first that its tracing is off; None if one has not."""
        old = [life for life in self.lives.values() if life.begun <= since and life.seen >= since]
        times = [life.off_at for life in old]
        known = [time for time in times if time is not None]
        return max(known) if known and len(known) == len(times) else None

    def told(self) -> dict[str, Any]:
        """All lives in short, for people."""
        return {
            life.pod.name: {
                "ended": life.ended,
                "tracing": str(life.ledger.tracing if life.ledger else ""),
                "frames": sum(hop.entered for hop in life.ledger.hops) if life.ledger else 0,
            }
            for life in self.lives.values()
        }


def _lost(ledger: Ledger) -> int:
    well = (Outcome.COMPLETED.value, f"{Outcome.DROPPED.value}:{DropReason.SHUTDOWN.value}")
    return sum(count for hop in ledger.hops for ended, count in hop.ended.items() if not ended.startswith(well))
