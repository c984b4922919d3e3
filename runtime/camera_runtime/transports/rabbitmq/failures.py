"""What pika's exceptions mean, in words of ours: nothing of their text goes on, for it may hold a URL with a password."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final

from pika import exceptions
from pika.adapters.utils.connection_workflow import AMQPConnectorStackTimeout

from camera_runtime.transports.base import BrokerProblem

__all__ = ["BlockedError", "SilentError", "UnusableURLError", "meaning_of"]


class SilentError(Exception):
    """RabbitMQ did not answer within the bounded wait."""


class BlockedError(Exception):
    """RabbitMQ takes no messages now: its memory or disk alarm is on."""


class UnusableURLError(ValueError):
    """The address cannot be used.

    Args:
        words: why, for people; they follow "RabbitMQ at …" and hold no credential.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


_UNREACHABLE, _UNAUTHORIZED, _FULL = BrokerProblem.UNREACHABLE, BrokerProblem.UNAUTHORIZED, BrokerProblem.FULL
_MEANINGS: Final[tuple[tuple[type[BaseException], str, BrokerProblem], ...]] = (
    (BlockedError, "takes no messages: its memory or disk is short", _FULL),
    (SilentError, "did not answer in time", _UNREACHABLE),
    (ssl.SSLCertVerificationError, "has a certificate that its authority did not sign", _UNREACHABLE),
    (ssl.SSLError, "does not speak TLS as this runtime does", _UNREACHABLE),
    (exceptions.ProbableAuthenticationError, "refused the credentials", _UNAUTHORIZED),
    (exceptions.AuthenticationError, "refused the credentials", _UNAUTHORIZED),
    (exceptions.ProbableAccessDeniedError, "refused the credentials access to the virtual host", _UNAUTHORIZED),
    (exceptions.IncompatibleProtocolError, "does not speak AMQP 0-9-1", _UNREACHABLE),
    (AMQPConnectorStackTimeout, "did not answer in time", _UNREACHABLE),
    (exceptions.AMQPHeartbeatTimeout, "did not answer in time", _UNREACHABLE),
    (socket.gaierror, "has a name that cannot be resolved", _UNREACHABLE),
    (TimeoutError, "did not answer in time", _UNREACHABLE),
    (OSError, "is not reachable", _UNREACHABLE),
    (exceptions.StreamLostError, "is not reachable", _UNREACHABLE),
)
_CODES: Final[dict[int, tuple[str, BrokerProblem]]] = {
    320: ("is shutting down", _UNREACHABLE),
    403: ("lacks a permission that the transport needs, or refused the credentials", _UNAUTHORIZED),
    404: ("has lost a queue", _UNREACHABLE),
    406: ("has a queue that was made otherwise", _UNREACHABLE),
    530: ("refused the credentials access to the virtual host", _UNAUTHORIZED),
}


def meaning_of(error: BaseException) -> tuple[str, BrokerProblem]:
    """Return in words of ours what an exception of pika, or of the network, means."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, UnusableURLError):
            return cause.words, _UNREACHABLE
        if isinstance(cause, exceptions.ConnectionClosed | exceptions.ChannelClosed) and cause.reply_code in _CODES:
            return _CODES[cause.reply_code]
    for kind, words, problem in _MEANINGS:
        if any(isinstance(cause, kind) for cause in causes):
            return words, problem
    return "failed", _UNREACHABLE


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """All that pika has wrapped, the outermost first."""
    yield error
    wrapped = [getattr(error, "exception", None), *getattr(error, "exceptions", ()), *error.args, error.__cause__]
    for inner in wrapped:
        if isinstance(inner, BaseException) and depth < 8:  # noqa: PLR2004 - deeper than pika ever wraps
            yield from _causes(inner, depth + 1)
