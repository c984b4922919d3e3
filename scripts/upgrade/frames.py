"""Whether every frame that was captured while pods were replaced is accounted for: by identity, from the traces. Pure.

A session of a capture numbers its frames without a gap. So what was captured is known though the capture is gone, and each number needs a
trace that tells how its frame ended on each branch: completed, or dropped with a reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from frame_tracking import CAPTURE_HOP, FrameID, HopCount, Journey, Topology, judge

__all__ = ["Frames", "Session", "accounted", "highest", "sessions"]

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Session:
    """Frames of one session that are asked about.

    Attributes:
        name: the session's.
        after: the number before the first of them.
        last: the last one that its capture told of.
        is_over: whether the capture is gone: it may have captured more than it could tell, which traces then tell.
    """

    name: str
    after: int
    last: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """What became of them; `missing` and `incomplete` name some."""

    sessions: int
    captured: int
    accounted: int
    missing: list[str]
    incomplete: list[str]

    @property
    def all_accounted(self) -> bool:
        """Whether there were frames, and each has a trace that tells how it ended."""
        return 0 < self.captured == self.accounted


def highest(counts: Iterable[HopCount], *, stages: bool = False) -> dict[str, int]:
    """Return the last number of each session that captures tell of; or `stages` too, which know how far one got whose capture is gone."""
    found: dict[str, int] = {}
    for count in counts:
        if stages or count.hop == CAPTURE_HOP:
            found[count.session] = max(count.last_sequence, found.get(count.session, 0))
    return found


def sessions(before: Mapping[str, int], between: Mapping[str, int], now: Mapping[str, int]) -> list[Session]:
    """Return the sessions of a turn: what was told before it, now and then within it, and after it, by `highest`."""
    told = {name: max(each.get(name, 0) for each in (before, between, now)) for name in {*before, *between, *now}}
    return [
        Session(name, before.get(name, 0), now.get(name, told[name]), is_over=name not in now) for name in sorted(told)
    ]


def accounted(asked: Sequence[Session], journeys: Iterable[Journey], topology: Topology) -> Frames:
    """Match journeys with the frames of the sessions; a frame's second journey may make it whole."""
    whole: defaultdict[str, set[int]] = defaultdict(set)
    partial: defaultdict[str, dict[int, str]] = defaultdict(dict)
    names = {session.name for session in asked}
    for frame_id, journey in _identified(journeys):
        if frame_id.session in names:
            verdict = judge(journey, topology)
            if verdict.complete:
                whole[frame_id.session].add(frame_id.sequence)
            else:
                partial[frame_id.session][frame_id.sequence] = f"{frame_id}: {verdict}"
    captured = {session.name: _range(session, whole[session.name] | partial[session.name].keys()) for session in asked}
    left = {name: set(numbers) - whole[name] for name, numbers in captured.items()}
    told = [
        partial[name][number] for name, numbers in left.items() for number in sorted(numbers & partial[name].keys())
    ]
    untold = [f"{name} {number}" for name, numbers in left.items() for number in sorted(numbers - partial[name].keys())]
    count = sum(map(len, captured.values()))
    return Frames(len(asked), count, count - len(told) - len(untold), untold[:_MOST_NAMED], told[:_MOST_NAMED])


def _identified(journeys: Iterable[Journey]) -> Iterator[tuple[FrameID, Journey]]:
    yield from ((FrameID(journey.frame_id), journey) for journey in journeys if journey.frame_id)


def _range(session: Session, seen: set[int]) -> range:
    last = max([session.last, *seen]) if session.is_over else session.last
    return range(session.after + 1, last + 1)
