"""Health: whether the process does its work: the loop is not wedged, watches live, passes end, pods are read. Times are given."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

__all__ = ["Health"]

_MOST_LAG: Final = 5.0
_WATCH_GRACE: Final = 1.7
"""How many times its longest silence a watch may be silent: a node may be busy."""

_OLDEST_PASS: Final = 60.0
_LONGEST_PASS: Final = 180.0
"""A pass that makes a large pipeline's children writes hundreds of objects, each of which may take a while."""

_BEAT: Final = 0.5


class Health:
    """What the loops report, and what it means. `clock` is monotonic; a watch may be silent for `silence` seconds."""

    def __init__(self, clock: Callable[[], float], *, silence: float = 70.0) -> None:
        self._clock = clock
        self._oldest_watch = silence * _WATCH_GRACE
        self.started = False
        self.lag = 0.0
        self._watches: dict[str, float] = {}
        self._passed: float | None = None
        self._heard: float | None = None
        self._signs: dict[str, tuple[float, float, float]] = {}
        self._stuck: Callable[[], float] = lambda: 0.0
        self._ticked = clock()

    def lead(self, watches: Iterable[str], stuck: Callable[[], float] = lambda: 0.0) -> None:
        """This replica leads from now on: these watches and readings of ledgers are expected.

        `stuck` says for how many seconds pipelines have been due, and no pass has ended.
        """
        self._stuck = stuck
        self._passed = self._heard = self._clock()
        self._watches = dict.fromkeys(watches, self._passed)

    def saw_watch(self, watch: str) -> None:
        """A watch delivered something, or was tried again: a watch whose API server is away is not dead."""
        if watch in self._watches:
            self._watches[watch] = self._clock()

    def made_pass(self) -> None:
        """A ledger was asked for, or there is none to ask for: that pods do not answer is no reason to begin anew."""
        if self._passed is not None:
            self._passed = self._clock()

    def heard(self) -> None:
        """A pod gave its ledger, or there is none to ask."""
        if self._heard is not None:
            self._heard = self._clock()

    def expect(self, what: str, seconds: float | None) -> None:
        """A sign is expected every so many seconds from now on, without which `what` is true; None: no more.

        The next one may still come as late as was said before: what waits for it now does not wait any shorter.
        """
        if seconds is None:
            self._signs.pop(what, None)
        else:
            seen, most, _ = self._signs.get(what, (self._clock(), seconds, seconds))
            self._signs[what] = (seen, max(most, seconds), seconds)

    def beat(self, what: str) -> None:
        """A sign that is expected."""
        if what in self._signs:
            seconds = self._signs[what][2]
            self._signs[what] = (self._clock(), seconds, seconds)

    def watch_age(self) -> float:
        """Seconds since the quietest watch gave a sign of life or was tried again; 0 without watches."""
        return max((self._clock() - seen for seen in self._watches.values()), default=0.0)

    def pass_age(self) -> float:
        """Seconds since a ledger was last asked for, whether it came or not; 0 for a stand-by."""
        return 0.0 if self._passed is None else self._clock() - self._passed

    def ledger_silence(self) -> float:
        """Seconds since any pod gave its ledger; 0 for a stand-by."""
        return 0.0 if self._heard is None else self._clock() - self._heard

    def problems(self) -> list[str]:
        """What is wrong; empty if nothing is."""
        now = self._clock()
        checks = [
            ("the event loop was blocked", max(self.lag, now - self._ticked - _BEAT), _MOST_LAG),
            ("no ledger was asked for", self.pass_age(), _OLDEST_PASS),
            ("pipelines are due, and no pass ended", self._stuck(), _LONGEST_PASS),
        ]
        checks += [(what, now - seen, most) for what, (seen, most, _) in self._signs.items()]
        checks += [
            (f"the watch of {watch} gave no sign of life", now - seen, self._oldest_watch)
            for watch, seen in self._watches.items()
        ]
        return [f"{what} for {age:.0f} s" for what, age, most in checks if age > most]

    async def tick(self) -> None:
        """Measure the event loop's lag, for ever."""
        while True:
            self._ticked = self._clock()
            await asyncio.sleep(_BEAT)
            self.lag = max(0.0, self._clock() - self._ticked - _BEAT)
