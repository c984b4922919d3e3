"""Look: looks one window's frames up in Jaeger, looks again for what is not whole, and tells missing from unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from frame_tracking import FrameID, Journey, SpanName, Topology

from frametrace_operator.guard.audit.examine import Fault, UnknownStagesError, examine
from frametrace_operator.guard.audit.finding import Counted
from frametrace_operator.guard.audit.readings import Place, Reading, between, losses, moved, unsettled
from frametrace_operator.guard.audit.verdict import Circumstances, verdict
from frametrace_operator.guard.evidence import MissingFrame
from frametrace_operator.guard.jaeger.base import Found, JaegerSilentError
from frametrace_operator.guard.measuring.seen import LookTools, Seen
from frametrace_operator.guard.measuring.turnover import MOST_RECENT, Turnover, turnover
from frametrace_operator.redaction import redacted
from frametrace_operator.texts import clipped

__all__ = ["PATIENCE", "Look"]

PATIENCE: Final = 60.0
"""Seconds until spans that wait are given up: a full buffer of 2,560 takes 50 to leave, if each export of 512 lasts as long as it may."""
_SECOND_LOOK: Final = 2.0
_OFTEN: Final = 8.0
"""Seconds for which pods are read again every two, as most have sent all by then."""
_RARELY: Final = 8.0
"""Seconds between two readings at the most later on."""
_CALM: Final = 15.0
"""Seconds after a probe that failed until it is known whether it failed alone: two or three more have been made."""
_ROOM: Final = 0.8
"""A ring whose share of that was filled since a frame's trace began may have given it up."""
_BEGUN_ANEW: Final = "Jaeger was restarted or replaced meanwhile"
_BLIND: Final = "Jaeger was not looked at before, and may have been restarted since these frames"
_OTHER_STAGES: Final = "the stages changed in this window"
_UNREAD: Final = "Jaeger's answer to trace {} alone cannot be read: {}"
_TOO_OLD: Final = "Jaeger has no frame as old as these, and may have given them up"
_LOST_ALL: Final = "Jaeger lost traces that it had: was it restarted, or cleared?"


class Look:
    """Looks one window up.

    Attributes:
        whole: the newest frame that was found whole; None if there is none.
        lost: whether Jaeger did not have the witness any more.
        answered: whether Jaeger answered.
    """

    def __init__(self, seen: Seen, tools: LookTools) -> None:
        self._seen, self._tools = seen, tools
        self._untold: dict[FrameID, str] = {}  # why nothing can be said of a frame: the second look leaves it out
        self.lost = self.answered = False
        self._kept = False  # whether Jaeger has the beginnings of some of the window's frames
        self.whole: FrameID | None = None
        self._oldest: FrameID | None = None  # of those that were whole

    async def counted(self) -> Counted:
        """Look, and look again for what is not whole, until the pods have sent all that they had."""
        try:
            faults = await self._faults(self._seen.chosen)
            if not faults:
                return self._counted(faults, Circumstances())
            await self._tools.clock.sleep(self._pause())
            later, waiting = await self._settled()
            faults = await self._faults(tuple(faults))
            return self._counted(faults, await self._explained(faults, later, waiting))
        except JaegerSilentError as error:
            why = f"Jaeger was silent: {clipped(redacted(str(error)), 200)}"
            chosen = self._seen.chosen
            return self._sum(unknown=len(chosen), reason=why)

    def _pause(self) -> float:
        """How long to wait before the second look: after a probe that failed, what came late has time to be there."""
        failed_at = self._tools.probed().failed_at
        calm = failed_at + _CALM - self._tools.clock.now() if failed_at >= self._seen.before.at else 0.0
        return max(_SECOND_LOOK, calm)

    async def _settled(self) -> tuple[Reading, frozenset[Place]]:
        """Read the ledgers until what the pods had made by the first reading has left them, for some time at most."""
        begun, wait = self._tools.clock.now(), _SECOND_LOOK
        while True:
            later = await self._tools.read()
            waiting = unsettled(self._seen.first, later)
            passed = self._tools.clock.now() - begun
            if not waiting or passed >= PATIENCE:
                return later, waiting
            await self._tools.clock.sleep(wait)
            wait = min(2 * wait, _RARELY) if passed >= _OFTEN else wait

    async def _faults(self, frames: Sequence[FrameID]) -> dict[FrameID, Fault]:
        """What is wrong with each frame that is not whole."""
        witness = self._seen.witness
        trace_ids = {frame_id.trace_id for frame_id in frames}
        if witness is not None:
            trace_ids.add(witness.trace_id)
        found = await self._tools.jaegers.journeys(self._seen.watched.jaeger, trace_ids)
        self.answered = True
        self.lost = self.lost or (witness is not None and witness.trace_id not in found.there)
        faults = {frame_id: fault for frame_id in frames if (fault := self._fault(frame_id, found)) is not None}
        self._kept = any(_begins(found.journeys.get(frame_id.trace_id)) for frame_id in faults)
        whole = [each for each in frames if each not in faults and each not in self._untold]
        self._oldest = min(
            [*whole, *([self._oldest] if self._oldest else [])], key=lambda each: each.time, default=None
        )
        self.whole = max([*whole, *([self.whole] if self.whole else [])], key=lambda each: each.time, default=None)
        return faults

    def _fault(self, frame_id: FrameID, found: Found) -> Fault | None:
        if frame_id.trace_id in found.unread:
            self._untold[frame_id] = _UNREAD.format(frame_id.trace_id, found.unread[frame_id.trace_id])
            return None
        topology = self._seen.survey.topology or Topology()
        try:
            return examine(found.journeys.get(frame_id.trace_id), topology, self._seen.known)
        except UnknownStagesError:
            self._untold[frame_id] = _OTHER_STAGES
            return None

    def _circumstances(self, later: Reading, waiting: frozenset[Place], wrong: int) -> Circumstances:
        """What else was going on, while so many frames were found to be wrong."""
        seen = self._seen
        changed = moved(seen.before, seen.first) | moved(seen.first, later)
        jaeger = ""
        if self._was_away(later, wrong):
            jaeger = f"Jaeger did not answer meanwhile: {self._tools.probed().error or 'it does again'}"
        elif self._tools.begun_at() >= seen.before.at:
            jaeger = _BEGUN_ANEW
        elif self.lost or seen.lost:
            jaeger = _LOST_ALL
        return Circumstances(jaeger, self._evicted(), seen.survey.off, changed, waiting, losses(seen.before, later))

    async def _explained(
        self, faults: Mapping[FrameID, Fault], later: Reading, waiting: frozenset[Place]
    ) -> Circumstances:
        """What else was going on; where no frame at all is there, nor a witness, see if Jaeger has room for any so old."""
        found = self._circumstances(later, waiting, len(faults))
        if not faults or found.jaeger or found.evicted or self._has_room():
            return found
        given_up = await self._turnover(faults, self._now(later))
        if given_up is Turnover.NO:
            return found
        found = self._circumstances(later, waiting, len(faults))  # it may have been restarted meanwhile
        if given_up is Turnover.UNKNOWN:
            return replace(found, jaeger=found.jaeger or _TOO_OLD)
        return replace(found, evicted=not found.jaeger)

    def _has_room(self) -> bool:
        """Whether Jaeger is known to have room for traces as old as the window's: it has some, or nobody else fills it."""
        seen = self._seen
        there = self.whole is not None or seen.witness is not None or self._kept
        return there or seen.watched.max_traces is not None or seen.watched.on_volume

    async def _turnover(self, faults: Iterable[FrameID], now: float) -> Turnover:
        """Whether Jaeger gave up traces as old as the youngest of these: asked once a window."""
        tools, start = self._tools, self._seen.survey.start
        if start not in tools.turnovers:
            recent = (await tools.recent(now))[: min(MOST_RECENT, len(self._seen.chosen))]
            age = now - max(frame_id.time for frame_id in faults).timestamp()
            tools.turnovers[start] = await turnover(tools.jaegers, self._seen.watched.jaeger, recent, age, tools.clock)
        return tools.turnovers[start]

    def _now(self, reading: Reading) -> float:
        """Now, by the captures' own clocks, as a reading has them; in seconds since 1970."""
        return (reading.captured_until or self._seen.survey.end) + self._tools.clock.now() - reading.at

    def _was_away(self, later: Reading, wrong: int) -> bool:
        """Whether probes that failed explain what is wrong.

        One that failed alone does not, as Jaeger answered both looks: it would hide any loss, window after window. But it does
        if pods could not send as many spans as frames are wrong, or if it may have been a restart that nobody would know of.
        """
        seen, probed = self._seen, self._tools.probed()
        if probed.failed_at < seen.before.at:
            return False
        unsent = between(seen.before, later).failed >= wrong > 0
        unseen_restart = seen.witness is None and not seen.watched.life
        return bool(probed.error) or probed.away_at >= seen.before.at or unsent or unseen_restart

    def _evicted(self) -> bool:
        """Whether Jaeger has had to give up traces as old as the window's, by how many came since and how long it keeps them."""
        seen = self._seen
        age = self._now(seen.first) - seen.survey.start
        if age > seen.watched.trace_seconds:
            return True
        room = seen.watched.max_traces
        kept = between(seen.before, seen.first).partial / max(1.0, seen.first.at - seen.before.at)
        rate = seen.survey.traced / (seen.survey.end - seen.survey.start) + kept
        return room is not None and rate * age >= room * _ROOM

    def _counted(self, faults: Mapping[FrameID, Fault], circumstances: Circumstances) -> Counted:
        unseen = {frame_id for frame_id in faults if self._may_be_forgotten(frame_id)}
        said = verdict({each: fault for each, fault in faults.items() if each not in unseen}, circumstances)
        reasons = (said.reason, _BLIND if unseen else "", *self._untold.values())
        unknown = said.unknown + len(unseen) + len(self._untold)
        return self._sum(said.missing, unknown, said.evicted, next(filter(None, reasons), ""))

    def _may_be_forgotten(self, frame_id: FrameID) -> bool:
        """Whether a Jaeger that was restarted unseen would be without it: it is older than all that are there."""
        return self._seen.blind and (self._oldest is None or frame_id.time < self._oldest.time)

    def _sum(
        self, missing: tuple[MissingFrame, ...] = (), unknown: int = 0, evicted: int = 0, reason: str = ""
    ) -> Counted:
        survey = self._seen.survey
        chosen = len(self._seen.chosen)
        return Counted(
            survey.start, survey.end, max(survey.expected, chosen), chosen, missing, unknown, evicted, reason
        )


def _begins(journey: Journey | None) -> bool:
    """Whether capture's span is there: of a trace that was given up, only what came later is."""
    return journey is not None and any(span.name == SpanName.CAPTURE_FRAME for span in journey.spans)
