"""Turnover: whether a Jaeger gives up traces for want of room before they are looked for, of which nothing else may tell.

An external Jaeger's room is not known, and others may fill it. If it turns over faster than a window settles, none of the window's
frames is there, as if all had been lost on the way. But frames of this moment are there, and gone when they are as old.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from frame_tracking import FrameID

from frametrace_operator.guard.jaeger.base import Found, JaegerAt, Jaegers
from frametrace_operator.guard.measuring.clock import Clock

__all__ = ["LONGEST_SECONDS", "MOST_RECENT", "RECENT_SECONDS", "Turnover", "turnover"]

RECENT_SECONDS: Final = 15
"""How old frames of this moment are at most: spans are sent after five seconds at the latest."""
MOST_RECENT: Final = 50
LONGEST_SECONDS: Final = 60.0
"""That frames of this moment are waited for."""


class Turnover(Enum):
    """Whether a Jaeger has given up traces before they were so old."""

    NO = "No"
    YES = "Yes"
    UNKNOWN = "Unknown"


async def turnover(jaegers: Jaegers, at: JaegerAt, recent: Sequence[FrameID], age: float, clock: Clock) -> Turnover:
    """Whether a Jaeger has given up traces before they were so old; unknown, if that is longer than can be waited.

    What it still has by then was not given up: a loss that has just ended is told as the loss that it was.

    Args:
        jaegers: asks.
        at: which one.
        recent: frames that ended a moment ago.
        age: seconds, of the youngest frame that it was found without.
        clock: what is waited by.

    Raises:
        JaegerSilentError: if it does not answer.
    """
    found = await jaegers.journeys(at, [frame_id.trace_id for frame_id in recent]) if recent else Found()
    there = list(found.journeys or found.unread)  # to find what is too large again takes a dozen calls each
    if not there:
        return Turnover.NO
    await clock.sleep(min(age, LONGEST_SECONDS))
    if len((await jaegers.journeys(at, there)).there) < len(there):
        return Turnover.YES
    return Turnover.UNKNOWN if age > LONGEST_SECONDS else Turnover.NO
