"""Serves the endpoints from threads of their own; the standard library's server, as a probe a second is all it gets."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import structlog

from camera_runtime.http.endpoints import Answer, Endpoints

__all__ = ["EndpointServer"]

_LOG = structlog.get_logger(__name__)
_REQUEST_SECONDS: Final = 5
_MAX_CONNECTIONS: Final = 32


class EndpointServer:
    """Answers on `port`, on all addresses of the pod.

    Raises:
        OSError: if the port is taken.
    """

    def __init__(self, endpoints: Endpoints, port: int) -> None:
        handler = type("Handler", (_Handler,), {"endpoints": endpoints})
        self._server = _Server(("::" if _Server.address_family == socket.AF_INET6 else "0.0.0.0", port), handler)  # noqa: S104 - the kubelet's and Prometheus' probes come from outside the pod
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True)

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
    address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._room = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__(*arguments)

    def server_bind(self) -> None:
        """Bind without asking the DNS for our own name, as the standard library's server does."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, if there is room for one."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's signature
        """Log what an answer failed of."""
        _LOG.warning("an HTTP request failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    endpoints: Endpoints
    timeout = _REQUEST_SECONDS
    server_version = "frametrace"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        self._send(self.endpoints.answer(self.path))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Probes are not worth a line each."""
