"""An OTLP/HTTP proxy that loses spans on purpose, answers that it took them, and knows exactly whose it lost.

Between a runtime and a Jaeger; neither can know of it. A process of its own. `percent` of the frames lose all their spans
of one service, as they leave in one request; or, `whole`, so many of the requests are lost. It can also be slow or refuse.
Run as a module it is that process: `/set?percent=…` changes what it does, `/truth?from=…&until=…` tells what it did.
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from frame_tracking import CAPTURE_SERVICE, FrameID, InvalidFrameIDError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

__all__ = ["LossyOtlp", "Truth"]

_ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = {"percent": 0.0, "whole": 0.0, "delay": 0.0, "refuse": 0.0}


class Truth:
    """Frames whose spans came by in a range of their own time, and those of them that lost some."""

    def __init__(self, seen: int, lost: frozenset[FrameID]) -> None:
        self.seen, self.lost = seen, lost


class LossyOtlp:
    """The proxy; `.url` is what `OTEL_EXPORTER_OTLP_ENDPOINT` takes."""

    def __init__(self, upstream: str) -> None:
        command = [sys.executable, "-m", "scripts.servers.lossy_otlp", upstream]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def lose(self, percent: float, *, whole: bool = False) -> None:
        """Lose so many of the frames from now on; of the requests, if `whole`."""
        self.set(percent=percent, whole=float(whole))

    def set(self, **settings: float) -> None:
        """Change what it does: `percent`, `whole`, `delay` in seconds, `refuse`."""
        self._ask(f"/set?{urlencode(settings)}")

    def truth(self, start: float, end: float) -> Truth:
        """What became of the frames that were captured from `start` to `end`, not included, in seconds since 1970."""
        told = self._ask(f"/truth?{urlencode({'from': start, 'until': end})}")
        return Truth(told["seen"], frozenset(map(FrameID, told["lost"])))

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:  # noqa: S310 - loopback
            return json.load(answer)


class _Book:
    """What came by: of each trace whether spans were lost, and which frame it is."""

    def __init__(self) -> None:
        self.settings = dict(_SETTINGS)
        self._lock = threading.Lock()
        self._lost: dict[bytes, set[bytes]] = {}
        self._frames: dict[bytes, tuple[float, str]] = {}
        self._salt = random.randbytes(8)  # noqa: S311 (only draws what gets lost)

    def thinned(self, request: ExportTraceServiceRequest) -> bool:
        """Take out what is to be lost, and note it; True if something is left."""
        percent, whole = self.settings["percent"], bool(self.settings["whole"])
        all_of_it = whole and random.random() * 100 < percent  # noqa: S311 (as above)
        with self._lock:
            for resource in request.resource_spans:
                self._note(resource)
                service = next(
                    (a.value.string_value for a in resource.resource.attributes if a.key == "service.name"), ""
                )
                for scope in resource.scope_spans:
                    kept = [
                        s
                        for s in scope.spans
                        if not (all_of_it or (not whole and self._loses(s.trace_id, service, percent)))
                    ]
                    self._lose(scope.spans, kept)
                    del scope.spans[:]
                    scope.spans.extend(kept)
        return any(scope.spans for resource in request.resource_spans for scope in resource.scope_spans)

    def truth(self, start: float, end: float) -> dict[str, Any]:
        """What became of a range of frames."""
        with self._lock:
            found = [(trace_id, text) for trace_id, (at, text) in self._frames.items() if start <= at < end]
            return {"seen": len(found), "lost": [text for trace_id, text in found if self._lost.get(trace_id)]}

    def _lose(self, spans: Iterable[Span], kept: Iterable[Span]) -> None:
        """Note what is lost; a span that a runtime sends again, as it had no answer in time, may come through after all."""
        for span in spans:
            self._lost.setdefault(span.trace_id, set()).add(span.span_id)
        for span in kept:
            self._lost[span.trace_id].discard(span.span_id)

    def _note(self, resource: ResourceSpans) -> None:
        for scope in resource.scope_spans:
            for span in scope.spans:
                if span.trace_id in self._frames:
                    continue
                text = next((a.value.string_value for a in span.attributes if a.key == "frame.id"), "")
                try:
                    self._frames[span.trace_id] = (FrameID(text).time.timestamp(), text)
                except InvalidFrameIDError:
                    continue

    def _loses(self, trace_id: bytes, service: str, percent: float) -> bool:
        drawn = random.Random(self._salt + trace_id)  # noqa: S311 (as above)
        if drawn.random() * 100 >= percent:
            return False
        which = drawn.randrange(3)  # capture's spans, those of the others, or all
        return which == 2 or (which == 0) == (service == CAPTURE_SERVICE)  # noqa: PLR2004


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    book: _Book
    upstream: str

    def setup(self) -> None:
        """One connection onwards for each that comes."""
        super().setup()
        self._onward = http.client.HTTPConnection(self.upstream, timeout=30)

    def finish(self) -> None:
        """End both."""
        self._onward.close()
        super().finish()

    def do_POST(self) -> None:
        """Take an export; lose some of it; hand on the rest."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        time.sleep(self.book.settings["delay"])
        if self.book.settings["refuse"]:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b"")
            return
        packed = self.headers.get("Content-Encoding") == "gzip"
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body) if packed else body)
        left = self.book.thinned(request)
        self._answer(*(self._hand_on(request.SerializeToString()) if left else (HTTPStatus.OK, b"")))

    def do_GET(self) -> None:
        """Be told what to do, or tell what was done."""
        url = urlsplit(self.path)
        given = {name: float(value) for name, value in parse_qsl(url.query)}
        if url.path == "/set":
            self.book.settings.update(given)
            self._answer(HTTPStatus.OK, b"{}")
        else:
            self._answer(HTTPStatus.OK, json.dumps(self.book.truth(given["from"], given["until"])).encode())

    def _hand_on(self, body: bytes) -> tuple[int, bytes]:
        for _ in range(2):  # the first connection may be that to a Jaeger which has ended since
            try:
                self._onward.request("POST", self.path, body, {"Content-Type": "application/x-protobuf"})
                answer = self._onward.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self._onward.close()
        return HTTPStatus.SERVICE_UNAVAILABLE, b""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _main() -> None:
    made = {"book": _Book(), "upstream": urlsplit(sys.argv[1]).netloc}
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), made))
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    _main()
