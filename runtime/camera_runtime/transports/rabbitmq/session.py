"""Session: one connection's life, in a thread of its own.

pika is used from that thread only. It answers heartbeats and reads what comes while a handler works for half a minute;
everybody else asks for something to be done there and waits for the answer, never without bound.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Final, Protocol, TypeVar

from pika import ConnectionParameters, SelectConnection
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.exceptions import ConnectionWrongStateError

from camera_runtime.transports.rabbitmq.failures import SilentError

__all__ = ["Reply", "Session", "SessionLostError"]

_CLOSE_SECONDS: Final = 2.0
_Result = TypeVar("_Result")
_Answer_contra = TypeVar("_Answer_contra", contravariant=True)

# It writes each failure as a stack trace, in words that may hold an address; the transport tells failures itself.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class SessionLostError(Exception):
    """The connection is gone; its cause is the first argument."""


class Reply(Protocol[_Answer_contra]):
    """How work in the connection's thread answers who asked."""

    def give(self, result: _Answer_contra) -> None:
        """Answer."""

    def fail(self, error: BaseException) -> None:
        """Answer that it failed."""


class _Reply:
    def __init__(self) -> None:
        self.future: Future[Any] = Future()

    def give(self, result: Any) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Session:
    """A connection with one channel.

    Args:
        parameters: where to.
        prepare: called in the connection's thread once the channel is open; it is ready when the reply is given.
    """

    def __init__(self, parameters: ConnectionParameters, prepare: Callable[[Session, Reply[None]], None]) -> None:
        self._prepare = prepare
        self._loop = IOLoop()
        self._replies: set[_Reply] = set()
        self._lock = threading.Lock()
        self._lost: BaseException | None = None
        self._ready = _Reply()
        self.blocked = False
        self.channel: Channel
        self._connection = SelectConnection(
            parameters, self._on_open, self._on_open_error, self._on_close, custom_ioloop=self._loop
        )
        self._connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(blocked=True))
        self._connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(blocked=False))
        self._thread = threading.Thread(target=self._run, name="rabbitmq", daemon=True)
        self._thread.start()

    def wait_ready(self, seconds: float) -> None:
        """Wait until it can be used.

        Raises:
            SilentError: if it was not in time.
            SessionLostError: if it could not be made.
        """
        _result(self._ready, seconds)

    @property
    def alive(self) -> bool:
        """Whether it can be used still."""
        return self._lost is None

    def run(self, work: Callable[[Channel], _Result], seconds: float) -> _Result:
        """Do something in the connection's thread that does not wait.

        Raises:
            SilentError: if it was not done in time.
            SessionLostError: if the connection is gone.
        """

        def begin(reply: Reply[_Result]) -> None:
            reply.give(work(self.channel))

        return self.ask(begin, seconds)

    def ask(self, begin: Callable[[Reply[_Result]], None], seconds: float) -> _Result:
        """Begin something in the connection's thread, and wait until it has answered.

        Raises:
            SilentError: if it did not in time.
            SessionLostError: if the connection is gone.
        """
        reply = _Reply()
        with self._lock:
            if self._lost is not None:
                raise SessionLostError(self._lost)
            self._replies.add(reply)
        self._loop.add_callback_threadsafe(lambda: _attempt(reply, begin))
        try:
            result: _Result = _result(reply, seconds)
            return result
        finally:
            self._replies.discard(reply)

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Do something in the connection's thread after a while. Called in that thread."""
        self._loop.call_later(seconds, work)

    def in_own_channel(self, begin: Callable[[Channel, Reply[_Result]], None], reply: Reply[_Result]) -> None:
        """Do in another channel what RabbitMQ may refuse by closing the channel. Called in the connection's thread."""

        def opened(channel: Channel) -> None:
            channel.add_on_close_callback(lambda _, reason: reply.fail(reason))
            _attempt(reply, lambda _: begin(channel, reply))

        self._connection.channel(on_open_callback=opened)

    def greet(self, reply: Reply[None]) -> None:
        """Answer once RabbitMQ has answered; it needs no permission for that. Called in the connection's thread."""

        def begin(channel: Channel, answer: Reply[None]) -> None:
            answer.give(None)
            channel.close()

        self.in_own_channel(begin, reply)

    def close(self) -> None:
        """End it in good order, within a bounded time."""
        self._loop.add_callback_threadsafe(self._begin_close)
        self._thread.join(_CLOSE_SECONDS)
        self.abandon()

    def abandon(self) -> None:
        """Break it off: whoever waits for it is told at once."""
        self._lose(SilentError())
        self._loop.add_callback_threadsafe(self._abort)

    def _run(self) -> None:
        try:
            self._loop.start()
        except Exception as error:  # noqa: BLE001 - whatever pika raises ends this connection, and nothing else
            self._lose(error)
        finally:
            self._lose(SilentError())
            self._release()

    def _release(self) -> None:
        try:
            self._abort()
            self._loop.process_timeouts()  # it closes its socket in a callback
        finally:
            self._loop.close()

    def _abort(self) -> None:
        if self._connection.is_closed:
            self._loop.stop()
        else:  # pika has no public way to end a connection without RabbitMQ's answer
            self._connection._terminate_stream(SilentError())  # noqa: SLF001

    def _begin_close(self) -> None:
        try:
            self._connection.close()
        except ConnectionWrongStateError:
            self._loop.stop()

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self.channel = channel
        channel.add_on_close_callback(lambda _, reason: self._end(reason))
        _attempt(self._ready, lambda reply: self._prepare(self, reply))

    def _on_open_error(self, _: Any, error: BaseException | str) -> None:
        self._end(error if isinstance(error, BaseException) else ConnectionError())

    def _on_close(self, _: Any, reason: BaseException) -> None:
        self._end(reason)

    def _end(self, reason: BaseException) -> None:
        self._lose(reason)
        self._loop.stop()

    def _lose(self, reason: BaseException) -> None:
        with self._lock:
            if self._lost is not None:
                return
            self._lost = reason
            waiting = [self._ready, *self._replies]
        for reply in waiting:
            reply.fail(SessionLostError(reason))

    def _set_blocked(self, *, blocked: bool) -> None:
        self.blocked = blocked


def _attempt(reply: Any, begin: Callable[[Any], None]) -> None:
    try:
        begin(reply)
    except Exception as error:  # noqa: BLE001 - it is raised to who asked
        reply.fail(error)


def _result(reply: _Reply, seconds: float) -> Any:
    try:
        return reply.future.result(seconds)
    except FutureTimeoutError:
        raise SilentError from None
