"""Lag: whether the operator itself was late. What it did not hear in time then, nobody may be blamed for."""

from typing import Final

from frametrace_operator.guard.measuring.clock import Clock

__all__ = ["Lag"]

_BEAT: Final = 1.0
_MOST: Final = 1.0
"""Seconds by which a process that waits for a moment may miss it; a probe has four."""


class Lag:
    """Watches how late the event loop is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: float | None = None
        self._late_at = float("-inf")

    def since(self, time: float) -> bool:
        """Whether it was late at any time since then, or is now; times by the steady clock."""
        late_now = self._due is not None and self._clock.now() - self._due > _MOST
        return late_now or self._late_at >= time

    async def run(self) -> None:
        """Watch, for ever."""
        while True:
            self._due = self._clock.now() + _BEAT
            await self._clock.sleep(_BEAT)
            now = self._clock.now()
            if now - self._due > _MOST:
                self._late_at = now
