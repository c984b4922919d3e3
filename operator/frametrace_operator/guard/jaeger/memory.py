"""Jaegers in memory, by URL. It ships for tests."""

from collections.abc import Collection

from frame_tracking import Journey

from frametrace_operator.guard.jaeger.base import (
    MOST_UNREAD,
    Found,
    JaegerAt,
    JaegerSilentError,
    JaegerUnresolvedError,
    Taken,
)

__all__ = ["MemoryJaegers"]


class MemoryJaegers:
    """`Jaegers` that answer what they were given; one that was given nothing does not answer."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        """How many traces each question was for."""
        self.took: dict[str, Taken] = {}
        self._stored: dict[str, dict[str, Journey]] = {}
        self._silent: dict[str, JaegerSilentError] = {}
        self._large: set[str] = set()

    def put(self, url: str, *journeys: Journey) -> None:
        """Let the Jaeger have these; a journey of the same trace is replaced."""
        self._stored.setdefault(url, {}).update({journey.trace_id: journey for journey in journeys})

    def swell(self, *trace_ids: str) -> None:
        """Let these traces be too large to be read, wherever they are."""
        self._large.update(trace_ids)

    def lose(self, url: str) -> None:
        """Let it forget all that it has."""
        self._stored[url] = {}

    def silence(self, url: str, why: str = "no answer in time") -> None:
        """Let it answer no more, until `speak`."""
        self._silent[url] = JaegerSilentError(why)

    def hide(self, url: str) -> None:
        """Let its name be resolved no more, until `speak`."""
        self._silent[url] = JaegerUnresolvedError("its name cannot be resolved here")

    def speak(self, url: str) -> None:
        """Let it answer again."""
        self._silent.pop(url, None)

    async def journeys(self, at: JaegerAt, trace_ids: Collection[str]) -> Found:
        """The journeys that it has of these traces, and which of them cannot be read."""
        stored = self._of(at)
        self.asked.append(len(trace_ids))
        there = {trace_id: stored[trace_id] for trace_id in trace_ids if trace_id in stored}
        unread = dict.fromkeys((each for each in there if each in self._large), "it answers too much")
        if len(unread) > MOST_UNREAD:
            raise JaegerSilentError("of too many traces alone it answers too much")
        return Found({each: journey for each, journey in there.items() if each not in unread}, unread)

    async def probe(self, at: JaegerAt) -> None:
        """Ask for something small."""
        self._of(at)

    async def taken(self, at: JaegerAt) -> Taken:
        """What it took: what `took` says."""
        self._of(at)
        return self.took.get(at.url, Taken(0))

    def _of(self, at: JaegerAt) -> dict[str, Journey]:
        if at.url in self._silent or at.url not in self._stored:
            raise self._silent.get(at.url) or JaegerSilentError("nobody answers there")
        return self._stored[at.url]
