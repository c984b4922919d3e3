"""Readings: the ledgers of all of a pipeline's pods at one moment, and what two of them say of the time between. Pure.

A process is a pod's container in one life: a pod that restarts its container is another process, whose counts begin anew.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, Ledger

__all__ = [
    "Between",
    "Life",
    "Place",
    "Reading",
    "between",
    "changed",
    "hop_of",
    "lives",
    "losses",
    "moved",
    "unsettled",
]

_JAEGERS: frozenset[str] = frozenset({"refused", "rejected", "unavailable"})
"""Losses for reasons of the receiver's."""
_NO_ROOM = "queue_full"
"""What a process calls the loss of spans that it had no room for."""
_END_OF_TIME = 1 << 33
"""Seconds since 1970 that nobody's clock shows."""


class Place(NamedTuple):
    """Where a process is: its hop, and of a capture its camera; empty for all cameras."""

    hop: str
    camera: str = ""

    def has(self, hop: str, camera: str) -> bool:
        """Whether that camera's frames may pass here on their way through that hop."""
        return self.hop == hop and self.camera in ("", camera)


Life = tuple[Place, tuple[str, float]]
"""A process: where it is, its pod's UID and when it began."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Ledgers by their pods' UIDs.

    Attributes:
        at: seconds, by the operator's steady clock, before the first was read.
        unread: why a pod told none, by its name.
        silent: where such pods are.
        places: of pods by their labels, by UID; a pod that is not there is what its ledger says.
    """

    at: float
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    silent: frozenset[Place] = frozenset()
    places: Mapping[str, Place] = field(default_factory=dict)

    def place(self, uid: str) -> Place:
        """Where a pod is whose ledger was read."""
        return self.places.get(uid) or Place(hop_of(self.ledgers[uid]))

    @property
    def captured_until(self) -> float | None:
        """Up to when all captures have captured, in seconds since 1970 by their own clocks; None if there is none."""
        return min(self._captures_now(), default=None)

    @property
    def newest(self) -> float | None:
        """The time of the capture whose clock is the most ahead, as `captured_until` has it."""
        return max(self._captures_now(), default=None)

    @property
    def plain(self) -> "Reading":
        """The same without the window that was asked for: its frames' names are nearly all of its memory."""
        plain = {uid: ledger.model_copy(update={"window": None}) for uid, ledger in self.ledgers.items()}
        return replace(self, ledgers=plain)

    def _captures_now(self) -> list[float]:
        told = [ledger.now for uid, ledger in self.ledgers.items() if self.place(uid).hop == CAPTURE_HOP]
        return [now for now in told if 0 < now < _END_OF_TIME]


@dataclass(frozen=True, slots=True)
class Between:
    """What the processes that are in both readings did meanwhile.

    Attributes:
        spans: that they tried to export, and `failed` those that were not taken for the receiver's reasons.
        dropped: spans lost, by the ledgers' causes.
        tracing_cpu: seconds; `other_cpu` without it.
        partial: frames that were kept though head sampling had left them out.
    """

    spans: int = 0
    failed: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    tracing_cpu: float = 0.0
    other_cpu: float = 0.0
    partial: int = 0


def hop_of(ledger: Ledger) -> str:
    """The hop that a process is."""
    return CAPTURE_HOP if ledger.service == CAPTURE_SERVICE else ledger.service


def lives(reading: Reading) -> set[Life]:
    """The processes that told."""
    return {(reading.place(uid), (uid, ledger.started)) for uid, ledger in reading.ledgers.items()}


def between(before: Reading, after: Reading) -> Between:
    """Return what happened between two readings."""
    dropped: Counter[str] = Counter()
    exported, partial, tracing, whole = 0, 0, 0.0, 0.0
    for _, old, new in _pairs(before, after):
        dropped.update(_dropped(old, new))
        exported += max(0, new.spans.exported - old.spans.exported)
        partial += max(0, new.spans.partial - old.spans.partial)
        tracing += max(0.0, new.spans.cpu_seconds - old.spans.cpu_seconds)
        whole += max(0.0, new.cpu_seconds - old.cpu_seconds)
    failed = sum(spans for cause, spans in dropped.items() if cause in _JAEGERS)
    return Between(exported + failed, failed, dict(dropped), tracing, max(0.0, whole - tracing), partial)


def losses(before: Reading, after: Reading) -> dict[Place, dict[str, int]]:
    """What the processes of each place lost meanwhile, for places where none is gone."""
    unknown = moved(before, after)
    found: dict[Place, Counter[str]] = {}
    for uid, new in after.ledgers.items():
        place, old = after.place(uid), before.ledgers.get(uid)
        if place not in unknown:
            lost = found.setdefault(place, Counter())
            if old is not None or place not in before.silent:  # who came lost all that it did meanwhile
                lost.update(_dropped(old, new))
    return {place: dict(dropped) for place, dropped in found.items()}


def changed(before: Reading, after: Reading) -> frozenset[Place]:
    """Places that lost processes meanwhile, or some of whose did not tell."""
    return moved(before, after) | before.silent | after.silent


def moved(before: Reading, after: Reading) -> frozenset[Place]:
    """Places that lost processes meanwhile, or one of whose fell silent.

    Who came is no excuse, nor who was silent before, too: each hop of a frame that is over was told by a process that does tell.
    """
    gone = lives(before) - lives(after)
    return frozenset(place for place, _ in gone) | (after.silent - before.silent)


def unsettled(first: Reading, later: Reading) -> frozenset[Place]:
    """Places whose processes still hold spans that they had made at the first reading: spans leave in order.

    What there was no room for never stood in that order: it is newer than all that waited.
    """
    return frozenset(
        later.place(uid)
        for uid, old, new in _pairs(first, later)
        if _left(new) < old.spans.created - old.spans.dropped.get(_NO_ROOM, 0)
    )


def _left(ledger: Ledger) -> int:
    """Spans that waited, and do no more."""
    return ledger.spans.exported + sum(spans for cause, spans in ledger.spans.dropped.items() if cause != _NO_ROOM)


def _pairs(before: Reading, after: Reading) -> list[tuple[str, Ledger, Ledger]]:
    both = [(uid, before.ledgers[uid], new) for uid, new in after.ledgers.items() if uid in before.ledgers]
    return [(uid, old, new) for uid, old, new in both if old.started == new.started]


def _dropped(old: Ledger | None, new: Ledger) -> dict[str, int]:
    before = old.spans.dropped if old is not None else {}
    grown = {cause: spans - before.get(cause, 0) for cause, spans in new.spans.dropped.items()}
    return {cause: spans for cause, spans in grown.items() if spans > 0}
