"""What happens when in a run of `no_loss.py`, drawn from a seed. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from frame_tracking import CAPTURE_HOP

__all__ = ["ACTORS", "Plan", "Size", "plan_of"]

ACTORS = (CAPTURE_HOP, "motion-0", "motion-1", "verify-0")
"""The processes: a capture, two replicas of one stage, one of the next."""
_QUIET_BEFORE = 3.0
_QUIET_AFTER = 10.0
"""Around a restart of the broker nobody is killed: what a process handed over only it can tell as lost."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: frames, how many of them a second at most, kills, and restarts of the broker."""

    frames: int
    per_second: float
    kills: int
    restarts: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens when: thresholds are frames captured so far.

    Attributes:
        kills: (threshold, which of the processes).
        restarts: thresholds of the broker's restarts.
    """

    frames: int
    per_second: float
    kills: tuple[tuple[int, str], ...]
    restarts: tuple[int, ...]


def plan_of(seed: int, size: Size) -> Plan:
    """Draw a plan; the same seed gives the same one."""
    chance = random.Random(seed)  # noqa: S311 - it must give the same plan again
    when = tuple(size.frames * (number + 1) // (size.restarts + 1) for number in range(size.restarts))
    before, after = _QUIET_BEFORE * size.per_second, _QUIET_AFTER * size.per_second
    allowed = [
        frame
        for frame in range(size.frames // 50, size.frames)
        if not any(at - before <= frame <= at + after for at in when)
    ]
    kills = tuple((frame, chance.choice(ACTORS)) for frame in sorted(chance.sample(allowed, size.kills)))
    return Plan(size.frames, size.per_second, kills, when)
