"""Serves the endpoints from threads of their own; the standard library's server, as a probe a second is all it gets.

A client has a few seconds in all, however slowly it sends or reads; and where many hold on, the one that has done so
for longest makes room. So nobody can keep the probes out for long, by which a living pod would be restarted.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol

import structlog

from camera_runtime.http.endpoints import Answer

__all__ = ["Answers", "EndpointServer"]

_LOG = structlog.get_logger(__name__)
_REQUEST_SECONDS: Final = 5.0
_MAX_CONNECTIONS: Final = 32
_MAX_THREADS: Final = 2 * _MAX_CONNECTIONS
"""A connection that was cut may need a moment to end its thread."""


class Answers(Protocol):
    """What a server answers."""

    def answer(self, path: str) -> Answer:
        """Answer a GET; the path has the query, if there is one."""


def _anybody(_peer: str, _host: str) -> Answer | None:
    return None


class EndpointServer:
    """Answers on `port`, on all addresses of the pod, or on one.

    Args:
        endpoints: what is answered.
        port: where; 0 takes a free one.
        host: the only IPv4 address to answer on; by default all.
        request_seconds: the longest that one client may take, from its connection to the last byte of its answer.
        refuse: given a client's address and the Host header, what it is answered instead; None lets it in.

    Raises:
        OSError: if the port is taken.
    """

    def __init__(
        self,
        endpoints: Answers,
        port: int,
        *,
        host: str = "",
        request_seconds: float = _REQUEST_SECONDS,
        refuse: Callable[[str, str], Answer | None] = _anybody,
    ) -> None:
        own = {"endpoints": endpoints, "timeout": request_seconds, "refuse": staticmethod(refuse)}
        handler = type("Handler", (_Handler,), own)
        self._server = (_Server6 if not host and socket.has_dualstack_ipv6() else _Server)(
            (host, port), handler, request_seconds
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="http", daemon=True)

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        request_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._seconds, self._monotonic = request_seconds, monotonic
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without asking the DNS for our own name, as the standard library's server does."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "", int(self.server_address[1])

    def service_actions(self) -> None:
        """Cut the connections whose time is over; the library calls this several times a second."""
        now = self._monotonic()
        with self._lock:
            late = [connection for connection, overdue in self._open.items() if now >= overdue]
        for connection in late:
            _cut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread; the oldest connection makes room, if there is none."""
        with self._lock:
            oldest = next(iter(self._open)) if len(self._open) >= _MAX_CONNECTIONS else None
            taken = len(self._open) < _MAX_THREADS
            if taken:
                self._open[request] = self._monotonic() + self._seconds
        if oldest is not None:
            _cut(oldest)
        if taken:
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        """Let go of a connection, however it ended, and make room."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's signature
        """Log what an answer failed of, unless the client went away or was cut."""
        if not isinstance(sys.exception(), OSError):
            _LOG.warning("an HTTP request failed", exc_info=True)


class _Server6(_Server):
    """Answers IPv4, too."""

    address_family = socket.AF_INET6


def _cut(connection: socket.socket) -> None:
    """Break a connection; its thread, which waits for it, ends by that."""
    with contextlib.suppress(OSError):  # it has just ended by itself
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    endpoints: Answers
    refuse: Callable[[str, str], Answer | None]
    server_version = "frametrace"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        refused = self.refuse(str(self.client_address[0]), self.headers.get("Host", ""))
        self._send(refused if refused is not None else self.endpoints.answer(self.path))

    def do_HEAD(self) -> None:
        """Answer as a GET, without the body: so do probes of ingresses and of uptime look."""
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Probes are not worth a line each."""
