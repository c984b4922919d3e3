"""Health: whether the process does its work: the loop is not wedged, watches live, ledgers are read. Times are given."""

import asyncio
from collections.abc import Callable
from typing import Final

__all__ = ["Health"]

_MOST_LAG: Final = 5.0
_OLDEST_WATCH: Final = 200.0
_OLDEST_PASS: Final = 60.0
_BEAT: Final = 0.5


class Health:
    """What the loops report, and what it means. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.started = False
        self.lag = 0.0
        self._leading = False
        self._watched = clock()
        self._passed = clock()
        self._ticked = clock()

    def lead(self) -> None:
        """This replica leads from now on: watches and readings are expected."""
        self._leading = True
        self._watched = self._passed = self._clock()

    def saw_watch(self) -> None:
        """A watch delivered something."""
        self._watched = self._clock()

    def made_pass(self) -> None:
        """A ledger was read, or there is none to read."""
        self._passed = self._clock()

    def problems(self) -> list[str]:
        """What is wrong; empty if nothing is."""
        now = self._clock()
        checks = [("the event loop was blocked", max(self.lag, now - self._ticked - _BEAT), _MOST_LAG)]
        if self._leading:
            checks += [
                ("no watch delivered anything", now - self._watched, _OLDEST_WATCH),
                ("no ledger was read", now - self._passed, _OLDEST_PASS),
            ]
        return [f"{what} for {age:.0f} s" for what, age, most in checks if age > most]

    async def tick(self) -> None:
        """Measure the event loop's lag, for ever."""
        while True:
            self._ticked = self._clock()
            await asyncio.sleep(_BEAT)
            self.lag = max(0.0, self._clock() - self._ticked - _BEAT)
