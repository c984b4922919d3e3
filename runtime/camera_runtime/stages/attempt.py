"""One execution of the handler on one delivery, and who may settle it: exactly one of those who try.

The loop's thread settles what the handler gave; when the handler hangs, the supervisor settles it instead, and the
handler's late answer counts for nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from telemetry.tracer import HopTrace

from camera_runtime.transports.base import Delivery

__all__ = ["Attempt"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery that the handler works on.

    Attributes:
        begun_ns: nanoseconds since 1970.
        overdue: on the monotonic clock, in seconds.
    """

    delivery: Delivery
    hop: HopTrace
    begun_ns: int
    overdue: float
    _claim: threading.Lock = field(default_factory=threading.Lock)

    def claim(self) -> bool:
        """Return True to the first who asks."""
        return self._claim.acquire(blocking=False)
