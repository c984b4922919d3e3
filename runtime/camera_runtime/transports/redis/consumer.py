"""RedisConsumer: one replica of a stage. Takes frames a few at a time, hands them out one by one, finishes each once."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from frame_tracking import DropReason, FrameID, TraceContext, recover
from redis import Redis

from camera_runtime.frame import Frame
from camera_runtime.transports.base import BrokerUnavailableError, Delivery, Dropped, Sent
from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.connection import RedisLink
from camera_runtime.transports.redis.entry import (
    Entry,
    Token,
    context_of,
    dropped_of,
    frame_id_of,
    metadata_of,
)
from camera_runtime.transports.redis.finished import Finished, Herald
from camera_runtime.transports.redis.intake import Intake
from camera_runtime.transports.redis.outstanding import Outstanding
from camera_runtime.transports.redis.producer import wait_for_room
from camera_runtime.transports.redis.scripts import Script
from camera_runtime.transports.redis.settings import Renewal, Settings
from camera_runtime.transports.redis.sweeper import Sweeper
from camera_runtime.transports.redis.wire import Argument, Command, set_picture

__all__ = ["RedisConsumer"]

_DEAD_SECONDS = 7 * 24 * 3600
_MOST_FIELDS = 16
_LONGEST_PART = 65_536
"""An unreadable entry is a foreign hand's: a dead letter shows its beginning."""


class RedisConsumer:
    """A `Consumer` of a stage.

    Args:
        settings: of the pipeline's broker.
        links: the consumer's own, and one for its herald.
        edge: the stage, and the hop that it reads from.
        claim_after_seconds: see `Broker.consumer`.
    """

    def __init__(
        self, settings: Settings, links: tuple[RedisLink, RedisLink], edge: tuple[str, str], claim_after_seconds: float
    ) -> None:
        self._stage, self._upstream = edge
        self._settings, self._link = settings, links[0]
        self._intake = Intake(settings, self._link, self._stage, claim_after_seconds)
        self._sweepers = {hop: Sweeper(settings, hop) for hop in (self._upstream, self._stage)}
        self._buffer: deque[Entry] = deque()
        self._dropped: list[Dropped] = []
        self._unreadable = 0
        self._renewal = Renewal(settings)
        self._outstanding: dict[str, Outstanding] = {}
        self._finished = Finished(settings, self._stage)
        self.herald = Herald(settings, links[1], self._finished.say_again)
        self._remembered = 0
        self._own: dict[str, str] | None = None
        self._streams: dict[str, str] = {}

    def source(self, camera: str) -> str:
        """The name of the stream that a camera's frames come from, as spans say it."""
        return self._settings.keys.destination(camera, self._upstream)

    def set_cameras(self, cameras: Sequence[str]) -> None:
        """Say which cameras' frames to read from now on; of others those are read that wait still."""
        self._own = {self._settings.keys.stream(camera, self._upstream): camera for camera in cameras}
        self._streams = {**self._own, **self._streams}  # until the next look says in which of them frames wait
        self.herald.begin()

    def receive(self, timeout_seconds: float = 1.0) -> Delivery | None:
        """Return the next frame, or None if none came in time.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        self._sweep()
        self._doubt()
        deadline = self._settings.clock() + timeout_seconds
        while True:
            if not self._buffer:
                remaining = max(0.0, deadline - self._settings.clock())
                self._intake.fill(self._buffer, self._streams, remaining)
            while self._buffer:
                delivery = self._open(self._buffer[0])
                self._buffer.popleft()
                if delivery is not None:
                    return delivery
            if self._settings.clock() >= deadline:
                return None

    def ack(self, frame: Frame) -> bool:
        """End the frame's branch here."""
        return self._finish(_token(frame), frame.frame_id)

    def dead_letter(self, frame: Frame, error: str) -> bool:
        """Put the frame aside with the reason."""
        token = _token(frame)
        letter: list[str | bytes] = [
            *("frame_id", frame.frame_id, "camera", frame.frame_id.camera, "stage", self._stage, "error", error),
            *("count", str(token.count), "picture", token.picture_key, "metadata", token.metadata),
            *("traceparent", frame.trace_context.traceparent if frame.trace_context else ""),
        ]
        return self._finish(token, frame.frame_id, letter)

    def forward(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand the frame on to the stages that read from this one, and acknowledge it, in one step."""
        token, readers = _token(frame), self._settings.readers(self._stage)
        if not readers:
            return Sent("", duplicate=not self._finish(token, frame.frame_id))
        context = (trace_context.traceparent, trace_context.tracestate)
        changed = frame.picture is not token.picture
        key = self._settings.keys.picture(frame.frame_id, self._stage) if changed else token.picture_key
        order = self._settings.order(frame, context, key if frame.picture else "", readers)
        verdict, message_id, lost = self._hand_on(frame, token, order, store=changed)
        if verdict == b"GONE":  # it expired while the handler had it: the handler's copy is put back
            verdict, message_id, lost = self._hand_on(frame, token, order, store=True)
        if verdict == b"FULL":
            answer = wait_for_room(self._settings, lambda: self._hand_on(frame, token, order, store=False))
            verdict, message_id, lost = answer
        if verdict == b"FULL":
            return Sent("", refused=True, duplicate=not self._finish(token, frame.frame_id))
        self._finished.add(frame.frame_id)
        if verdict == b"SENT":
            self._handed(frame.frame_id).add(frame.frame_id, message_id.decode(), trace_context, readers)
        duplicate = verdict == b"LOST" or (verdict == b"DUPLICATE" and not token.uncertain)
        dropped = dropped_of(lost, DropReason.OVERFLOW)
        return Sent(message_id.decode() or "0-0", () if duplicate else readers, dropped, duplicate)

    def retry(self, frame: Frame) -> None:
        """Give the frame back unfinished: it is handed out again at once."""
        self._hand_back(_token(frame).stream, _token(frame).entry_id, _token(frame).count)

    def give_back(self, frame: Frame) -> None:
        """Give the frame back as if it had not been handed out."""
        self._hand_back(_token(frame).stream, _token(frame).entry_id, _token(frame).count - 1)

    def take_dropped(self) -> tuple[Dropped, ...]:
        """Return what was found unreadable, or left over by removed stages, since the last call."""
        dropped, self._dropped = tuple(self._dropped), []
        return dropped

    @property
    def unreadable(self) -> int:
        """Entries so far whose frame ID could not be read."""
        return self._unreadable

    def lag(self) -> dict[str, int]:
        """Return how many frames wait for this stage, by camera."""
        return self._intake.lag(self._own or {})

    def close(self) -> None:
        """Give back what was not begun, as far as the broker answers, and let go of the connections."""
        with suppress(BrokerUnavailableError):  # what cannot be given back is claimed by others in time
            while self._buffer and self._link.healthy:
                entry = self._buffer.popleft()
                self._hand_back(entry.stream, entry.entry_id, entry.count - 1)
        self._link.close()
        self.herald.close()

    def _open(self, entry: Entry) -> Delivery | None:
        """Make a delivery of an entry; None if it is somebody else's by now, or cannot be read."""
        if not self._intake.is_ours(entry):
            return None
        if entry.lacks_picture:
            self._intake.fetch(entry)
        frame_id = frame_id_of(entry)
        metadata_text = entry.fields.get(b"metadata", b"")
        token = Token(entry.stream, entry.entry_id, entry.picture_key, entry.picture or b"", entry.count, metadata_text)
        if frame_id is None:
            self._finish(token, "", _letter(self._stage, "no frame ID of this camera's", entry))
            self._unreadable += 1
            return None
        metadata = metadata_of(entry, frame_id)
        if metadata is None or entry.misplaced:
            why = "no readable metadata" if metadata is None else "no picture under its key"
            self._end_unreadable(entry, token, frame_id, why)
            return None
        context, arrival = recover(frame_id, entry.text("traceparent"), entry.text("tracestate"))
        frame = Frame(metadata, token.picture, context, entry.picture_key, token)
        expired = bool(entry.picture_key) and entry.picture is None
        return Delivery(frame, context, arrival, entry.count, entry.done, expired, entry.waited_ms)

    def _end_unreadable(self, entry: Entry, token: Token, frame_id: FrameID, why: str) -> None:
        if self._finish(token, frame_id, _letter(self._stage, why, entry)):
            context = context_of(entry, frame_id)
            self._dropped.append(Dropped(frame_id, frame_id.camera, self._stage, context, DropReason.MALFORMED))

    def _finish(self, token: Token, frame_id: str, letter: Sequence[str | bytes] = ()) -> bool:
        settings = self._settings
        keys = [token.stream, settings.keys.dead(self._stage)]
        seconds = self._renewal.seconds(frame_id.camera if isinstance(frame_id, FrameID) else "")
        head = (settings.keys.prefix, seconds, self._stage, token.entry_id, frame_id)
        rest = (_DEAD_SECONDS, *letter) if letter else ()
        first = self._run(scripts.FINISH, (keys, [*head, *rest]), (), token)
        if isinstance(frame_id, FrameID):
            self._finished.add(frame_id)
        return bool(first == 1 or (first == 0 and token.uncertain))

    def _hand_on(self, frame: Frame, token: Token, order: list[str], *, store: bool) -> Any:
        settings = self._settings
        keys = [token.stream, settings.keys.stream(frame.frame_id.camera, self._stage)]
        seconds = self._renewal.seconds(frame.frame_id.camera)
        head: list[Argument] = [settings.keys.prefix, seconds, self._stage, token.entry_id]
        arguments: list[Argument] = [*head, *order, "1" if store else ""]
        picture = set_picture(order[4], frame.picture, settings.contract.frame_seconds) if store else ()
        return self._run(scripts.FORWARD, (keys, arguments), picture, token, self._handed(frame.frame_id))

    def _handed(self, frame_id: FrameID) -> Outstanding:
        """The frames of one camera that this replica handed on."""
        stream = self._settings.keys.stream(frame_id.camera, self._stage)
        if stream not in self._outstanding:
            self._outstanding[stream] = Outstanding(self._settings, stream, self._link.generation)
        return self._outstanding[stream]

    def _doubt(self) -> None:
        """After a new connection, say again what this replica finished, and look for what the broker has lost."""
        generation = self._link.generation()
        if generation != self._remembered:
            self._finished.say_again(self._link)
        self._remembered = generation if generation == self._link.generation() else 0
        for handed in self._outstanding.values():
            self._dropped += handed.lost(self._link.call)

    def _run(
        self,
        script: Script,
        call: tuple[list[str], list[Argument]],
        before: Sequence[Command],
        token: Token,
        outstanding: Outstanding | None = None,
    ) -> Any:
        """Run what finishes a frame, and get the next one's picture on the same way."""
        following = next((entry for entry in self._buffer if entry.lacks_picture), None)

        def work(client: Redis) -> Any:
            after: list[Command] = [("GET", following.picture_key)] if following else []
            after += outstanding.question() if outstanding else ()
            answer, told = script.run_among(client, *call, before=before, after=after)
            if following:
                following.keep_picture(told.pop(0))
            if outstanding:
                outstanding.learn(told)
            return answer

        return self._link.call(work, uncertain=token.suspect)

    def _hand_back(self, stream: str, entry_id: str, count: int) -> None:
        arguments = (self._stage, self._settings.replica, entry_id, max(0, count))
        self._link.call(lambda client: scripts.GIVE_BACK.run(client, [stream], *arguments))
        self._intake.claim_soon()

    def _sweep(self) -> None:
        """Sweep the streams that this stage reads, and those that it writes: their last reader may be gone."""
        if self._own is None:
            return
        keys = self._settings.keys
        for hop, sweeper in self._sweepers.items():
            if sweeper.due:
                streams = [keys.stream(camera, hop) for camera in self._streams.values()]
                self._dropped += sweeper.sweep(self._link.call, streams)
                if hop == self._upstream:
                    self._streams = {**self._own, **{stream: keys.camera(stream) for stream in sweeper.filled}}


def _token(frame: Frame) -> Token:
    if not isinstance(frame.token, Token):
        raise TypeError("the frame was not received from this consumer")
    return frame.token


def _letter(stage: str, error: str, entry: Entry) -> list[str | bytes]:
    raw = [part[:_LONGEST_PART] for field in islice(entry.fields.items(), _MOST_FIELDS) for part in field]
    return ["stage", stage, "error", error, *raw]
