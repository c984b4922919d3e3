"""KeptConnection: one HTTP connection to one place, kept between requests, through the environment's proxy if it says so.

By the standard library's `http.client`: `urllib3` costs twice the CPU time a request, `requests` four times, and a process
that traces makes one every few seconds for ever.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlunsplit

from telemetry.http_places import checked, credentials, host_and_port, proxy_to
from telemetry.timely import Timely

__all__ = ["Answered", "KeptConnection"]


class Answered(NamedTuple):
    """What came back: the status, the headers (whose names have no case), and the body's beginning."""

    status: int
    headers: Message
    body: bytes


class KeptConnection:
    """Posts to `url`; from one thread, but for `close`.

    Args:
        url: where to; `http` or `https`. A user and password in it are sent as HTTP's basic authorization.
        context: of TLS; None for the system's certificates.
        most: bytes that are read of an answer; a longer one costs the connection.

    Raises:
        ValueError: if `url`, or the environment's proxy, is none that can be posted to.
    """

    def __init__(self, url: str, context: ssl.SSLContext | None = None, most: int = 64 * 1024) -> None:
        place, self._most, self._closed = checked(url), most, False
        secure = place.scheme == "https"
        proxy = proxy_to(place)
        host, port = host_and_port(proxy or place)
        self._connection = HTTPSConnection(host, port, context=context) if secure else HTTPConnection(host, port)
        self._more = credentials("Authorization", place)
        self._target = urlunsplit(("", "", place.path, place.query, "")) or "/"
        if proxy is not None and secure:
            self._connection.set_tunnel(*host_and_port(place), credentials("Proxy-Authorization", proxy))
        elif proxy is not None:
            self._target = urlunsplit(
                (place.scheme, place.netloc.rpartition("@")[2], place.path or "/", place.query, "")
            )
            self._more |= credentials("Proxy-Authorization", proxy)

    def post(self, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> Answered:
        """Post and return the answer, whatever its status; redirects are not followed.

        Raises:
            OSError, http.client.HTTPException: if there is none; `timeout_seconds` is for connecting, for sending, and for
                the whole answer from the beginning on: one that comes byte by byte takes no longer.
        """
        try:
            answer = self._exchange(body, headers, timeout_seconds)
        except BaseException as error:
            self._connection.close()
            if self._closed and isinstance(error, Exception):  # another thread takes the parts away at any moment
                raise ConnectionAbortedError("the connection was closed meanwhile") from error
            raise
        return answer

    def close(self) -> None:
        """Let go of the connection for good; a `post` of another thread ends soon, with an error."""
        self._closed = True
        held = self._connection.sock
        if held is None:
            return
        with contextlib.suppress(OSError):  # it has ended by itself, or ends right now
            held.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _exchange(self, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> Answered:
        connection, until = self._connection, time.monotonic() + timeout_seconds
        connection.response_class = lambda held, **how: HTTPResponse(Timely(held, until), **how)  # type: ignore[assignment,arg-type]  # it asks a socket for `makefile` only
        connection.timeout = timeout_seconds
        if connection.sock is not None and _was_ended(connection.sock):
            connection.close()
        if connection.sock is None:
            connection.connect()
        if self._closed:
            raise ConnectionAbortedError("the connection was closed")
        connection.sock.settimeout(timeout_seconds)
        connection.request("POST", self._target, body, {**self._more, **headers})
        response = connection.getresponse()
        answer = Answered(response.status, response.headers, response.read(self._most))
        if not response.isclosed() and response.read(1):
            connection.close()
        return answer


def _was_ended(held: socket.socket) -> bool:
    """Tell whether the other side has closed a connection that was idle: nothing else can be there to read."""
    poll = select.poll()
    poll.register(held, select.POLLIN)
    return bool(poll.poll(0))
