"""What became of every frame, by the journals of all lives of all processes. Pure.

A frame is accounted for on each of its branches when some process told how it ended there. Where none did, there are two
excuses, both of a process that was killed, and both for the one frame that it had in hand: a capture that had not heard
from the broker yet (the frame was never acknowledged: a gap in its session), and a stage at a branch's end that was
about to acknowledge (the broker knows the frame as finished: it is not handed out again).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from frame_tracking import CAPTURE_HOP, Topology

__all__ = ["NEVER_ACKNOWLEDGED", "UNTOLD", "Event", "Life", "Reckoning", "reckon"]

NEVER_ACKNOWLEDGED = "never_acknowledged"
UNTOLD = "finished_untold"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a journal.

    Attributes:
        kind: `entered`, `sending`, `settling`, `left`, `ended` or `duplicate`.
        hop: where; of an `ended`, the stage whose branch ended.
        detail: of an `ended`, the outcome, with `:reason` of a drop.
    """

    kind: str
    frame_id: str
    hop: str
    detail: str = "-"


@dataclass(frozen=True, slots=True)
class Life:
    """One process from its start to its end."""

    hop: str
    killed: bool
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The result.

    Attributes:
        captured: frames that got an ID.
        fates: branches by what became of them.
        unaccounted: frames with a branch of which nobody can tell.
        told_twice: branches of which two ends were told, by the two.
        duplicates: second executions, which have no outcome.
    """

    captured: int
    fates: Counter[str]
    unaccounted: tuple[str, ...]
    told_twice: Counter[str]
    duplicates: int


def reckon(lives: Iterable[Life], topology: Topology) -> Reckoning:
    """Account for every frame that was captured."""
    captured: dict[str, None] = {}
    ends: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    in_hand: set[tuple[str, str]] = set()
    duplicates = 0
    for life in lives:
        for event in life.events:
            if event.kind == "entered" and life.hop == CAPTURE_HOP:
                captured[event.frame_id] = None
            elif event.kind == "ended":
                ends[event.frame_id, event.hop].append(event.detail)
            duplicates += event.kind == "duplicate"
        if life.killed and life.events and life.events[-1].kind in {"entered", "sending", "settling"}:
            in_hand.add((life.events[-1].frame_id, life.hop))
    fates: Counter[str] = Counter()
    twice: Counter[str] = Counter()
    unaccounted: dict[str, None] = {}
    paths = {leaf: _path(leaf, topology) for leaf in topology.leaves_below(CAPTURE_HOP)}
    for frame_id in captured:
        for leaf, path in paths.items():
            told = [detail for hop in path for detail in ends[frame_id, hop]]
            fate = told[0] if told else _excuse(frame_id, leaf, in_hand)
            fates[fate or "unaccounted"] += 1
            if not fate:
                unaccounted[frame_id] = None
            if len(told) > 1:
                twice[" + ".join(sorted(told))] += 1
    return Reckoning(len(captured), fates, tuple(unaccounted), twice, duplicates)


def _path(leaf: str, topology: Topology) -> tuple[str, ...]:
    path = [leaf]
    while path[0] != CAPTURE_HOP:
        path.insert(0, topology.input_of(path[0]))
    return tuple(path)


def _excuse(frame_id: str, leaf: str, in_hand: set[tuple[str, str]]) -> str:
    if (frame_id, leaf) in in_hand:
        return UNTOLD
    return NEVER_ACKNOWLEDGED if (frame_id, CAPTURE_HOP) in in_hand else ""
