"""Link: the connection to one RabbitMQ: made when it is needed, made anew when it broke, with errors without credentials."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from frametrace_api.contract import BrokerContract
from pika.exceptions import AMQPError

from camera_runtime.transports.base import BrokerProblem, BrokerUnavailableError
from camera_runtime.transports.rabbitmq.failures import BlockedError, SilentError, meaning_of
from camera_runtime.transports.rabbitmq.parameters import CONNECT_SECONDS, address_of, parameters_of
from camera_runtime.transports.rabbitmq.session import Reply, Session, SessionLostError

__all__ = ["Link"]

_Result = TypeVar("_Result")
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
_FOREIGN: Final = (AMQPError, SessionLostError, SilentError, BlockedError, OSError, ValueError)


class Link:
    """Runs work on a connection, and keeps one. One thread at a time.

    URL and password are read again at every connection, so that a changed Secret needs no restart. After a failure the
    next attempts fail at once for a moment (50 ms, at most 1 s), so that a dead broker does not hold up a camera.

    Args:
        contract: where RabbitMQ is.
        name: what RabbitMQ's own pages call the connection.
        prepare: see `Session`.
        answer_seconds: how long to wait for an answer.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        contract: BrokerContract,
        name: str,
        prepare: Callable[[Session, Reply[None]], None] = lambda _, reply: reply.give(None),
        *,
        answer_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._contract, self._name, self._prepare, self._clock = contract, name, prepare, clock
        self.answer_seconds = answer_seconds
        self._session: Session | None = None
        self._address = "its address"
        self._pause = self._closed_until = 0.0
        self._last_failure = ("failed", BrokerProblem.UNREACHABLE)

    def call(self, work: Callable[[Session], _Result]) -> _Result:
        """Run `work` on a usable connection.

        Raises:
            BrokerUnavailableError: if it cannot be done now.
        """
        if self._clock() < self._closed_until:
            raise self._unavailable()
        try:
            result = work(self._open())
        except _FOREIGN as error:
            raise self._fail(error) from None
        self._pause = 0.0
        return result

    @property
    def healthy(self) -> bool:
        """Whether there is a connection, and the last work on it succeeded."""
        return self._session is not None and self._session.alive and self._pause == 0.0

    @property
    def blocked(self) -> bool:
        """Whether RabbitMQ reads nothing that comes on this connection now."""
        return self._session is not None and self._session.blocked

    def close(self) -> None:
        """Let go of the connection."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _open(self) -> Session:
        if self._session is None or not self._session.alive:
            self.close()
            parameters = parameters_of(self._contract, self._name)
            self._address = address_of(f"amqp://{parameters.host}:{parameters.port}")
            self._session = Session(parameters, self._prepare)
            self._session.wait_ready(2 * CONNECT_SECONDS)
        return self._session

    def _fail(self, error: Exception) -> BrokerUnavailableError:
        self._last_failure = meaning_of(error)
        if self._session is not None and not isinstance(error, BlockedError):
            self._session.abandon()  # what it still waits for would come too late for anybody
        self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        self._closed_until = self._clock() + self._pause
        return self._unavailable()

    def _unavailable(self) -> BrokerUnavailableError:
        words, problem = self._last_failure
        return BrokerUnavailableError(f"RabbitMQ at {self._address} {words}", problem)
