"""Outstanding: which frames a process handed over and does not know to be finished, so that no broker loses one silently.

A Redis in memory that restarts has forgotten its frames, and also which of them were finished. The stages say the latter
again (see `RedisConsumer`); after a while for that, whoever handed a frame over asks for those that are neither in the
stream nor finished. They are lost with the broker: marked as ended, so that each is told once, and nobody goes on with it.
A Redis that kept its data, or was only out of reach, has them all, and the same question finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from frame_tracking import DropReason, FrameID, TraceContext
from redis import Redis

from camera_runtime.transports.base import Dropped
from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.settings import Settings
from camera_runtime.transports.redis.wire import Command

__all__ = ["Outstanding"]

_LOOK_SECONDS: Final = 0.5
_SPARE: Final = 1024
_BOUND: Final = 65_536
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Handed:
    message_id: str
    place: tuple[int, int]
    context: TraceContext
    readers: tuple[str, ...]


class Outstanding:
    """The frames of one stream that this process appended.

    Args:
        settings: of the pipeline's broker.
        stream: the stream's key.
        generation: returns a number that changes with every new connection.
    """

    def __init__(self, settings: Settings, stream: str, generation: Callable[[], int]) -> None:
        self._settings, self._stream, self._now = settings, stream, generation
        self._handed: dict[FrameID, _Handed] = {}
        self._most = settings.contract.max_frames + _SPARE
        self._next_look = 0.0
        self._sure = self._doubted = 0
        self._ask_at = 0.0

    def add(self, frame_id: FrameID, message_id: str, context: TraceContext, readers: tuple[str, ...]) -> None:
        """Remember a frame that was appended as `message_id`."""
        if not self._handed:
            self._sure = self._now()
        self._handed[frame_id] = _Handed(message_id, _place(message_id), context, readers)
        if len(self._handed) > _BOUND:  # the broker has been away, again and again, for that many frames
            del self._handed[next(iter(self._handed))]

    def question(self) -> tuple[Command, ...]:
        """Return the command that asks for the oldest entry of the stream, now and then; its answer is for `learn`."""
        if self._now() != self._sure or self._settings.clock() < self._next_look:
            return ()
        self._next_look = self._settings.clock() + _LOOK_SECONDS
        return (("XRANGE", self._stream, "-", "+", "COUNT", 1),)

    def learn(self, answers: Sequence[Any]) -> None:
        """Forget what is older than the oldest entry: every stage has finished it."""
        if self._now() != self._sure or not answers or not isinstance(answers[0], list):
            return
        oldest = _place(answers[0][0][0].decode()) if answers[0] else None
        while self._handed:
            frame_id, handed = next(iter(self._handed.items()))
            if oldest is not None and handed.place >= oldest:
                return
            del self._handed[frame_id]

    def lost(self, call: Callable[[Callable[[Redis], Any]], Any]) -> tuple[Dropped, ...]:
        """After a new connection, and time for the stages: return the branches that the broker has lost.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        now, generation = self._settings.clock(), self._now()
        if generation == self._sure or not self._handed:
            self._tidy(call)
            return ()
        if generation != self._doubted:
            self._doubted, self._ask_at = generation, now + self._settings.lost_after_seconds
        if now < self._ask_at:
            return ()
        found: list[Dropped] = []
        waiting = list(self._handed)
        for first in range(0, len(waiting), _AT_ONCE):
            told = self._ask(call, waiting[first : first + _AT_ONCE])
            found += told
            for dropped in told:
                self._handed.pop(dropped.frame_id, None)
        if self._now() == generation:  # else it went away once more meanwhile: ask again later
            self._sure = generation
        return tuple(found)

    def _tidy(self, call: Callable[[Callable[[Redis], Any]], Any]) -> None:
        """Where one frame is long under way, those after it are not forgotten by `learn`: ask for each of them."""
        if len(self._handed) <= self._most:
            return
        held = list(self._handed)
        for first in range(0, len(held), _AT_ONCE):
            batch = held[first : first + _AT_ONCE]
            entries = [self._handed[frame_id].message_id for frame_id in batch]
            found = set(call(lambda client: scripts.WAITING.run(client, [self._stream], *entries)))  # noqa: B023 - called at once
            if self._now() != self._sure:
                return
            for place, frame_id in enumerate(batch):
                if place not in found:
                    del self._handed[frame_id]

    def _ask(self, call: Callable[[Callable[[Redis], Any]], Any], frame_ids: Iterable[FrameID]) -> list[Dropped]:
        order: list[str] = []
        for frame_id in frame_ids:
            handed = self._handed[frame_id]
            order += (frame_id, handed.message_id, ",".join(handed.readers))
        head = (self._settings.keys.prefix, self._settings.stream_seconds)
        lost = call(lambda client: scripts.LOST.run(client, [self._stream], *head, *order))
        return [self._dropped(FrameID(name.decode()), stage.decode()) for name, stage in lost]

    def _dropped(self, frame_id: FrameID, stage: str) -> Dropped:
        context = self._handed[frame_id].context
        return Dropped(frame_id, frame_id.camera, stage, context, DropReason.LOST_WITH_BROKER)


def _place(message_id: str) -> tuple[int, int]:
    milliseconds, _, number = message_id.partition("-")
    return int(milliseconds), int(number)
