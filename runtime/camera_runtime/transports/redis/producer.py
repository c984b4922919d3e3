"""RedisProducer: hands one camera's frames from one hop to the stages that read from it."""

from __future__ import annotations

from typing import Any, Final

from frame_tracking import DropReason, FrameID, TraceContext
from redis import Redis

from camera_runtime.frame import Frame
from camera_runtime.transports.base import BrokerUnavailableError, Dropped, Sent
from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.connection import RedisLink
from camera_runtime.transports.redis.entry import dropped_of
from camera_runtime.transports.redis.outstanding import Outstanding
from camera_runtime.transports.redis.settings import Renewal, Settings
from camera_runtime.transports.redis.sweeper import Sweeper
from camera_runtime.transports.redis.wire import set_picture

__all__ = ["RedisProducer", "wait_for_room"]

_ROOM_POLL_SECONDS: Final = 0.02


class RedisProducer:
    """A `Producer` over one stream."""

    def __init__(self, settings: Settings, link: RedisLink, camera: str, hop: str) -> None:
        self._settings, self._link, self._hop = settings, link, hop
        self._stream = settings.keys.stream(camera, hop)
        self._destination = settings.keys.destination(camera, hop)
        self._sweeper = Sweeper(settings, hop)
        self._outstanding = Outstanding(settings, self._stream, link.generation)
        self._renewal = Renewal(settings)
        self._ended: list[Dropped] = []
        self._uncertain: FrameID | None = None

    @property
    def destination(self) -> str:
        """The stream's name, as spans say it."""
        return self._destination

    def send(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand a frame over; without readers only its picture is stored.

        Raises:
            BrokerUnavailableError: if the broker does not take it within the bounded wait.
        """
        self._ended += self._sweep()
        self._ended += self._outstanding.lost(self._link.call)
        readers = self._settings.readers(self._hop)
        picture_key = self._settings.keys.picture(frame.frame_id, self._hop) if frame.picture else ""
        if not readers:
            self._store(picture_key, frame.picture)
            return Sent("", dropped=self._take_ended())
        context = (trace_context.traceparent, trace_context.tracestate)
        arguments = self._settings.order(frame, context, picture_key, readers)
        verdict, message_id, lost = self._append(frame, picture_key, arguments)
        if verdict == b"FULL":
            verdict, message_id, lost = wait_for_room(
                self._settings, lambda: self._append(frame, picture_key, arguments)
            )
        self._ended += dropped_of(lost, DropReason.OVERFLOW)
        return self._told((frame, trace_context), verdict, message_id, readers)

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()

    def _told(
        self, sent: tuple[Frame, TraceContext], verdict: bytes, message_id: bytes, readers: tuple[str, ...]
    ) -> Sent:
        frame, trace_context = sent
        if verdict == b"FULL":
            return Sent("", dropped=self._take_ended(), refused=True)
        if verdict == b"GONE":
            raise BrokerUnavailableError("Redis took the frame's picture and did not keep it")
        if verdict == b"SENT":
            self._outstanding.add(frame.frame_id, message_id.decode(), trace_context, readers)
        sure = verdict == b"SENT" or self._uncertain == frame.frame_id
        self._uncertain = None
        return Sent(message_id.decode() or "0-0", readers, self._take_ended(), duplicate=not sure)

    def _take_ended(self) -> tuple[Dropped, ...]:
        """Return the branches of other frames that ended since a `send` last succeeded."""
        ended, self._ended = tuple(self._ended), []
        return ended

    def _append(self, frame: Frame, picture_key: str, order: list[str]) -> Any:
        settings, seconds = self._settings, self._renewal.seconds(frame.frame_id.camera)
        arguments: list[str | int] = [settings.keys.prefix, seconds, self._hop, *order, "1"]
        store = set_picture(picture_key, frame.picture, settings.contract.frame_seconds)

        def work(client: Redis) -> Any:
            question = self._outstanding.question()
            answer, told = scripts.SEND.run_among(client, [self._stream], arguments, before=store, after=question)
            self._outstanding.learn(told)
            return answer

        return self._link.call(work, uncertain=lambda: self._suspect(frame.frame_id))

    def _suspect(self, frame_id: FrameID) -> None:
        self._uncertain = frame_id

    def _store(self, key: str, picture: bytes) -> None:
        if key:
            self._link.call(lambda client: client.set(key, picture, ex=self._settings.contract.frame_seconds))

    def _sweep(self) -> tuple[Dropped, ...]:
        return self._sweeper.sweep(self._link.call, [self._stream]) if self._sweeper.due else ()


def wait_for_room(settings: Settings, attempt: Any) -> Any:
    """Repeat `attempt` while it answers FULL, under the policy `Block`, for at most the bounded wait."""
    answer: Any = (b"FULL", b"", ())
    deadline = settings.clock() + settings.block_seconds
    while settings.contract.overflow == "Block" and answer[0] == b"FULL" and settings.clock() < deadline:
        settings.sleep(_ROOM_POLL_SECONDS)
        answer = attempt()
    return answer
