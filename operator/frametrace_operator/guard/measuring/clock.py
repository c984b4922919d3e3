"""Clock: what the measuring waits by, and what it dates its findings by; a test's own clock stands in for it.

Two times, because a machine's wall clock may be set back: what is compared within this process is compared by the steady one,
or a probe that failed before would lie in the future, and excuse every loss until then. Only what is told has the wall's.
"""

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "RealClock"]


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Seconds from anywhere, which never step back."""

    def wall(self) -> float:
        """Seconds since 1970."""

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""


class RealClock:
    """This machine's."""

    def now(self) -> float:
        """Seconds from anywhere, which never step back."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait so long."""
        await asyncio.sleep(max(0.0, seconds))
