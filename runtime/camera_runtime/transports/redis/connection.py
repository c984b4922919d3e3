"""RedisLink: the connection to one Redis: bounded waits, reconnects, and errors without credentials.

Everything redis-py raises is translated here; nothing of its text goes on, for it may hold a URL with a password.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlsplit

import redis.exceptions
from frametrace_api.contract import BrokerContract
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,  # noqa: A004 - redis-py's own
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004 - redis-py's own
)
from redis.retry import Retry
from telemetry import hide

from camera_runtime.transports.base import BrokerProblem, BrokerUnavailableError
from camera_runtime.transports.redis.parser import PictureParser

__all__ = ["RedisLink", "meaning_of"]

_Result = TypeVar("_Result")


class _PlainURLError(ValueError):
    """A certificate authority is given, and the URL would send the password in the clear."""


_MEANINGS: Final[tuple[tuple[type[Exception], str, BrokerProblem], ...]] = (
    (AuthenticationError, "refused the credentials", BrokerProblem.UNAUTHORIZED),
    (AuthorizationError, "refused the credentials", BrokerProblem.UNAUTHORIZED),
    (NoPermissionError, "lacks a permission that the transport needs", BrokerProblem.UNAUTHORIZED),
    (BusyLoadingError, "is still loading its data", BrokerProblem.UNREACHABLE),
    (MaxConnectionsError, "has no connection left", BrokerProblem.UNREACHABLE),
    (OutOfMemoryError, "is full", BrokerProblem.FULL),
    (ReadOnlyError, "is a read-only replica", BrokerProblem.UNREACHABLE),
    (ClusterDownError, "is a cluster that is down", BrokerProblem.UNREACHABLE),
    (TimeoutError, "did not answer in time", BrokerProblem.UNREACHABLE),
    (ConnectionError, "is not reachable", BrokerProblem.UNREACHABLE),
    (ResponseError, "refused a command", BrokerProblem.UNREACHABLE),
    (RedisError, "failed", BrokerProblem.UNREACHABLE),
    (OSError, "is not reachable", BrokerProblem.UNREACHABLE),
    (_PlainURLError, "has a certificate authority and a URL without TLS: use rediss://", BrokerProblem.UNREACHABLE),
    (ValueError, "has a URL that cannot be read", BrokerProblem.UNREACHABLE),
    (Exception, "failed", BrokerProblem.UNREACHABLE),
)
_DECLARED: Final[tuple[type[Exception], ...]] = tuple(
    kind for kind in vars(redis.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)
)
_FOREIGN: Final[tuple[type[Exception], ...]] = (*_DECLARED, OSError, ValueError)
"""Some of redis-py's exceptions have no base class in common with the others."""
_CONNECT_SECONDS: Final = 2.0
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
_KEEPALIVE: Final = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 3, socket.TCP_KEEPCNT: 3}


def meaning_of(error: Exception) -> tuple[str, BrokerProblem]:
    """Return in words of ours what an exception of redis-py, or of the network, means."""
    if isinstance(error.__context__, ssl.SSLCertVerificationError):
        return "has a certificate that its authority did not sign", BrokerProblem.UNREACHABLE
    return next((words, problem) for kind, words, problem in _MEANINGS if isinstance(error, kind))


class RedisLink:
    """Runs work on a Redis client and keeps that client usable. One thread at a time.

    URL and password are read again at every connection, so that a changed Secret needs no restart. After a failure the
    next attempts fail at once for a moment (50 ms, at most 1 s), so that a dead broker does not hold up a camera.

    Args:
        contract: where the broker is.
        answer_seconds: how long to wait for an answer; more than the longest blocking read, or it would be broken off.
        clock: seconds, monotonic.
    """

    def __init__(
        self, contract: BrokerContract, *, answer_seconds: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._contract, self._answer_seconds, self._clock = contract, answer_seconds, clock
        self._client: Redis | None = None
        self._address = "its address"
        self._generation = 0
        self._pause = 0.0
        self._closed_until = 0.0
        self._last_failure = ("failed", BrokerProblem.UNREACHABLE)

    def call(self, work: Callable[[Redis], _Result], *, uncertain: Callable[[], None] | None = None) -> _Result:
        """Run `work`; once more on a new connection if the old one turns out to be broken.

        `uncertain` is called when an attempt failed after which nobody can say whether it took effect.

        Raises:
            BrokerUnavailableError: if it cannot be done now.
        """
        if self._clock() < self._closed_until:
            raise self._unavailable()
        stale = self._client is not None
        try:
            return self._succeed(work(self._open()))
        except _FOREIGN as error:
            if not _is_broken(error):
                raise self._fail(error, pause=isinstance(error, OutOfMemoryError)) from None
            if uncertain is not None:
                uncertain()
            self.close()
            if not stale or isinstance(error, TimeoutError):
                raise self._fail(error) from None
        return self._once_more(work)

    def generation(self) -> int:
        """Return a number that changes with every new connection: what was known of the broker is in doubt then."""
        return self._generation

    @property
    def healthy(self) -> bool:
        """Whether there is a connection, and the last work on it succeeded."""
        return self._client is not None and self._pause == 0.0

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _once_more(self, work: Callable[[Redis], _Result]) -> _Result:
        try:
            return self._succeed(work(self._open()))
        except _FOREIGN as error:
            self.close()
            raise self._fail(error) from None

    def _succeed(self, result: _Result) -> _Result:
        self._pause = 0.0
        return result

    def _fail(self, error: Exception, *, pause: bool = True) -> BrokerUnavailableError:
        self._last_failure = meaning_of(error)
        if pause:
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._closed_until = self._clock() + self._pause
        return self._unavailable()

    def _unavailable(self) -> BrokerUnavailableError:
        words, problem = self._last_failure
        return BrokerUnavailableError(f"Redis at {self._address} {words}", problem)

    def _open(self) -> Redis:
        if self._client is None:
            url = _text(self._contract.url_file) or self._contract.url
            self._address = _address(url)
            self._generation += 1
            self._client = _client(url, self._contract, self._answer_seconds)
        return self._client


def _is_broken(error: Exception) -> bool:
    """Whether the connection is of no more use (as against an answer that says no)."""
    return not isinstance(error, ResponseError) or isinstance(error, AuthenticationError | ReadOnlyError)


def _client(url: str, contract: BrokerContract, answer_seconds: float) -> Redis:
    parts, password = urlsplit(url), _text(contract.password_file)
    options: dict[str, Any] = {"ssl_ca_certs": contract.ca_file} if contract.ca_file else {}
    if contract.ca_file and parts.scheme == "redis":
        raise _PlainURLError
    hide(password)
    hide(unquote(parts.password or ""))
    return Redis.from_url(
        _with_password(parts, password) if password else url,
        **options,
        protocol=2,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        socket_keepalive_options=_KEEPALIVE,
        health_check_interval=15,
        retry=Retry(NoBackoff(), 0),
        parser_class=PictureParser,
    )


def _with_password(parts: SplitResult, password: str) -> str:
    """Return the URL with the mounted file's password, whatever it had before: redis-py lets a URL's win."""
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{place}").geturl()


def _text(path: str) -> str:
    return Path(path).read_text("utf-8").strip() if path else ""


def _address(url: str) -> str:
    """Return host and port.

    Raises:
        ValueError: if a part of the credentials may be taken for them.
    """
    parts = urlsplit(url)
    if "@" in parts.path + parts.query + parts.fragment:
        raise ValueError("a special character in the credentials is not percent-encoded")
    return f"{parts.hostname}:{parts.port or 6379}"
