"""Queue: one camera's frames that left one hop, with a group a stage. Pure: times come from the caller, nobody waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from frame_tracking import DropReason, TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Dropped

__all__ = ["Entry", "Held", "Queue"]


@dataclass(slots=True)
class Held:
    """That a replica has an entry.

    Attributes:
        since: seconds, monotonic; minus infinity once it was given back.
        count: how often the entry was handed out.
    """

    replica: str
    since: float
    count: int


@dataclass(slots=True)
class Entry:
    """One frame in the queue; the picture is kept elsewhere, under `frame.reference`.

    Attributes:
        meant_for: the stages that read from the hop when the frame was sent.
        unread: groups that have not taken it.
        held: groups that have, and have not finished it.
    """

    number: int
    frame: Frame
    context: TraceContext
    meant_for: tuple[str, ...]
    added_at: float
    unread: set[str]
    held: dict[str, Held] = field(default_factory=dict)


class Queue:
    """Entries in order. An entry that no group waits for is gone."""

    def __init__(self, camera: str) -> None:
        self._camera = camera
        self._entries: dict[int, Entry] = {}
        self._groups: set[str] = set()
        self._next = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def groups(self) -> frozenset[str]:
        """The stages that have a group."""
        return frozenset(self._groups)

    def join(self, group: str) -> None:
        """Make sure of a group; it starts with the oldest entry that is still there."""
        if group not in self._groups:
            self._groups.add(group)
            for entry in self._entries.values():
                entry.unread.add(group)

    def add(self, frame: Frame, context: TraceContext, readers: Iterable[str], now: float) -> int:
        """Append a frame for `readers`; returns its number."""
        meant_for = tuple(readers)
        for reader in meant_for:
            self.join(reader)
        self._next += 1
        self._entries[self._next] = Entry(self._next, frame, context, meant_for, now, set(self._groups))
        return self._next

    def take(self, group: str, replica: str, now: float, claim_after: float) -> Entry | None:
        """Hand out the oldest entry that is unread, or that a replica has held for too long; claimed ones first."""
        for entry in self._entries.values():
            held = entry.held.get(group)
            if held is not None and now - held.since >= claim_after:
                entry.held[group] = Held(replica, now, held.count + 1)
                return entry
        for entry in self._entries.values():
            if group in entry.unread:
                entry.unread.discard(group)
                entry.held[group] = Held(replica, now, 1)
                return entry
        return None

    def finish(self, number: int, group: str) -> None:
        """End a group's part in an entry."""
        entry = self._entries.get(number)
        if entry is not None:
            entry.unread.discard(group)
            entry.held.pop(group, None)
            self._forget(entry)

    def give_back(self, number: int, group: str, replica: str, *, counted: bool = True) -> None:
        """Let any replica have an entry at once; whether that it was handed out counts."""
        entry = self._entries.get(number)
        held = entry.held.get(group) if entry else None
        if held is not None and held.replica == replica:
            held.since = float("-inf")
            held.count -= not counted

    def give_back_all(self, group: str, replica: str) -> None:
        """Let any replica have all that `replica` holds."""
        for number in list(self._entries):
            self.give_back(number, group, replica)

    def make_room(self, limit: int) -> list[tuple[Dropped, bool]]:
        """Remove the oldest until one more fits, those in work last; each lost branch, and whether it was in work."""
        lost: list[tuple[Dropped, bool]] = []
        while len(self._entries) >= limit:
            idle = (entry for entry in self._entries.values() if not entry.held)
            lost += self._end(next(idle, None) or next(iter(self._entries.values())), DropReason.OVERFLOW)
        return lost

    def end_all(self) -> list[tuple[Dropped, bool]]:
        """Remove every entry; each lost branch, and whether it was in work."""
        return [lost for entry in list(self._entries.values()) for lost in self._end(entry, DropReason.SHUTDOWN)]

    def leave(self, group: str) -> list[Dropped]:
        """Destroy a group; the branches that waited in it."""
        self._groups.discard(group)
        lost = []
        for entry in list(self._entries.values()):
            if group in entry.meant_for and (group in entry.unread or group in entry.held):
                lost.append(self._dropped(entry, group, DropReason.STAGE_REMOVED))
            entry.unread.discard(group)
            entry.held.pop(group, None)
            self._forget(entry)
        return lost

    def lag(self, group: str) -> int:
        """How many entries wait for a group, or are in work."""
        return sum(group in entry.unread or group in entry.held for entry in self._entries.values())

    def _end(self, entry: Entry, reason: DropReason) -> list[tuple[Dropped, bool]]:
        del self._entries[entry.number]
        waiting = [*entry.unread, *entry.held]
        return [
            (self._dropped(entry, group, reason), group in entry.held) for group in entry.meant_for if group in waiting
        ]

    def _dropped(self, entry: Entry, group: str, reason: DropReason) -> Dropped:
        return Dropped(entry.frame.frame_id, self._camera, group, entry.context, reason)

    def _forget(self, entry: Entry) -> None:
        if not entry.unread and not entry.held:
            del self._entries[entry.number]
