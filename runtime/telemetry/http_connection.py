"""KeptConnection: one HTTP connection to one place, kept between requests, through the environment's proxy if it says so.

By the standard library's `http.client`: `urllib3` costs twice the CPU time a request, `requests` four times, and a process
that traces makes one every few seconds for ever.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["Answered", "KeptConnection"]


class Answered(NamedTuple):
    """What came back: the status, the headers (whose names have no case), and the body's beginning."""

    status: int
    headers: Message
    body: bytes


class KeptConnection:
    """Posts to `url`; from one thread, but for `close`.

    Args:
        url: where to; `http` or `https`.
        context: of TLS; None for the system's certificates.
        most: bytes that are read of an answer; a longer one costs the connection.

    Raises:
        ValueError: if `url` is none that can be posted to.
    """

    def __init__(self, url: str, context: ssl.SSLContext | None = None, most: int = 64 * 1024) -> None:
        place, self._most = _checked(url), most
        secure = place.scheme == "https"
        proxy = _proxy(place)
        host, port = _host_and_port(proxy or place)
        self._connection = HTTPSConnection(host, port, context=context) if secure else HTTPConnection(host, port)
        self._more: dict[str, str] = {}
        self._target = urlunsplit(("", "", place.path, place.query, "")) or "/"
        if proxy is not None and secure:
            self._connection.set_tunnel(*_host_and_port(place), _credentials(proxy))
        elif proxy is not None:
            self._target = urlunsplit(
                (place.scheme, place.netloc.rpartition("@")[2], place.path or "/", place.query, "")
            )
            self._more = _credentials(proxy)

    def post(self, body: bytes, headers: Mapping[str, str], timeout_seconds: float) -> Answered:
        """Post and return the answer, whatever its status; redirects are not followed.

        Raises:
            OSError, http.client.HTTPException: if there is none; `timeout_seconds` is for each step of it.
        """
        connection = self._connection
        if connection.sock is not None and _was_ended(connection.sock):
            connection.close()
        connection.timeout = timeout_seconds
        if connection.sock is not None:
            connection.sock.settimeout(timeout_seconds)
        try:
            connection.request("POST", self._target, body, {**headers, **self._more})
            response = connection.getresponse()
            answer = Answered(response.status, response.headers, response.read(self._most))
            if not response.isclosed() and response.read(1):
                connection.close()
        except BaseException:
            connection.close()
            raise
        return answer

    def close(self) -> None:
        """Let go of the connection; a `post` of another thread ends soon, with an error."""
        held = self._connection.sock
        if held is None:
            return
        with contextlib.suppress(OSError):  # it has ended by itself, or ends right now
            held.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def _checked(url: str) -> SplitResult:
    place = urlsplit(url)
    if place.scheme not in {"http", "https"} or not place.hostname:
        raise ValueError(f"{urlunsplit(place)!r} is no http or https address")
    return place


def _host_and_port(place: SplitResult) -> tuple[str, int]:
    return place.hostname or "", place.port or (443 if place.scheme == "https" else 80)


def _was_ended(held: socket.socket) -> bool:
    """Tell whether the other side has closed a connection that was idle: nothing else can be there to read."""
    poll = select.poll()
    poll.register(held, select.POLLIN)
    return bool(poll.poll(0))


def _proxy(place: SplitResult) -> SplitResult | None:
    address = getproxies().get(place.scheme, "")
    if not address or proxy_bypass(place.hostname or ""):
        return None
    return _checked(address if "://" in address else f"http://{address}")


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
