"""One bench for all frame tracers: spans kept in memory, sent to an OTLP receiver in the test, or stored in a real Jaeger."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import pytest
from frame_tracking import Clock, FrameID, FrameIDGenerator, Journey, JourneySpan
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from telemetry import FrameTracer, MemoryTracer, Service, SpanStore
from telemetry.otlp_grpc import GrpcSink
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings, protocol
from telemetry.recording import RecordingTracer

CAPTURE = Service("rtsp-capture", "parking")
MOTION = Service("motion", "parking", "motion")


class Receiver:
    """An OTLP/HTTP receiver that keeps what it takes, and answers what `answer` says: status, body, headers."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.answer: Callable[[], tuple[int, bytes, dict[str, str]]] = lambda: (200, b"", {})
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer, headers = receiver.answer()
                if status == 200:
                    receiver.requests.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.otlp_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def spans(self) -> list[tuple[str, Any]]:
        """(service name, span) of all that was taken."""
        found = []
        for request in self.requests:
            for resource_spans in request.resource_spans:
                names = [a.value.string_value for a in resource_spans.resource.attributes if a.key == "service.name"]
                found += [(names[0], span) for scope in resource_spans.scope_spans for span in scope.spans]
        return found

    def journey(self, frame_id: FrameID) -> Journey:
        mine = [(name, span) for name, span in self.spans() if span.trace_id.hex() == frame_id.trace_id]
        spans = [_journey_span(name, span) for name, span in mine]
        return Journey(frame_id.trace_id, tuple(sorted(spans, key=lambda span: (span.start_us, span.span_id))))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _journey_span(service: str, span: Any) -> JourneySpan:
    attributes = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}
    kinds = {1: "internal", 4: "producer", 5: "consumer"}
    failed = {"error": True, "otel.status_code": "ERROR"} if span.status.code == 2 else {}
    return JourneySpan(
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex() or None,
        links=tuple(link.span_id.hex() for link in span.links),
        name=span.name,
        service=service,
        start_us=span.start_time_unix_nano // 1000,
        duration_us=(span.end_time_unix_nano - span.start_time_unix_nano) // 1000,
        attributes={**attributes, **failed, "span.kind": kinds[span.kind]},
    )


class Bench(Protocol):
    """Tracers of several services whose spans end in one place."""

    def tracer(self, service: Service) -> FrameTracer: ...

    def journey(self, frame_id: FrameID, spans: int) -> Journey: ...

    def close(self) -> None: ...


class MemoryBench:
    def __init__(self) -> None:
        self._store = SpanStore()

    def tracer(self, service: Service) -> FrameTracer:
        return MemoryTracer(service, self._store)

    def journey(self, frame_id: FrameID, spans: int) -> Journey:  # noqa: ARG002 - the bench's signature
        return self._store.journey(frame_id.trace_id)

    def close(self) -> None:
        """Nothing is open."""


class RecordingBench:
    def __init__(self, read: Callable[[FrameID, int], Journey]) -> None:
        self._read = read
        self._tracers: list[RecordingTracer] = []

    def tracer(self, service: Service) -> RecordingTracer:
        resource = Resource({"service.name": service.name})
        grpc = protocol(os.environ) == "grpc"
        settings = OtlpSettings.read(os.environ, grpc=grpc)
        sink = GrpcSink(settings) if grpc else HttpSink(settings)
        deadline = settings.timeout_seconds
        self._tracers.append(RecordingTracer(service, sink, deadline_seconds=deadline, resource=resource))
        return self._tracers[-1]

    def journey(self, frame_id: FrameID, spans: int) -> Journey:
        assert all(tracer.flush(10) for tracer in self._tracers)
        return self._read(frame_id, spans)

    def close(self) -> None:
        for tracer in self._tracers:
            tracer.shutdown(10)


def read_from_jaeger(query_url: str, frame_id: FrameID, spans: int) -> Journey:
    """Return the journey once Jaeger has stored so many spans of it (it stores a little later than it accepts)."""
    deadline, journey = time.monotonic() + 10, Journey(frame_id.trace_id, ())
    while len(journey.spans) < spans and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{query_url}/api/traces/{frame_id.trace_id}", timeout=5) as answer:
                journey = Journey.from_jaeger(json.load(answer)["data"][0])
        except urllib.error.HTTPError as error:
            assert error.code == 404  # noqa: PT017 - not there yet
        time.sleep(0.02)
    return journey


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.otlp_url)
    yield receiver
    receiver.close()


@pytest.fixture(
    params=[
        "memory",
        "otlp",
        pytest.param("jaeger", marks=pytest.mark.contract),
        pytest.param("jaeger-grpc", marks=pytest.mark.contract),
    ]
)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    if request.param == "memory":
        bench: Bench = MemoryBench()
    elif request.param == "otlp":
        receiver = request.getfixturevalue("receiver")
        bench = RecordingBench(lambda frame_id, _spans: receiver.journey(frame_id))
    else:
        jaeger = request.getfixturevalue("jaeger")
        grpc = request.param == "jaeger-grpc"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", jaeger.otlp_grpc_url if grpc else jaeger.otlp_url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc" if grpc else "http/protobuf")
        bench = RecordingBench(lambda frame_id, spans: read_from_jaeger(jaeger.query_url, frame_id, spans))
    yield bench
    bench.close()


@pytest.fixture
def recording(receiver: Receiver) -> Iterator[Any]:
    """Make a recording tracer of capture over the receiver in the test."""
    bench = RecordingBench(lambda frame_id, _spans: receiver.journey(frame_id))
    yield lambda: bench.tracer(CAPTURE)
    bench.close()


@pytest.fixture
def new_frame_id() -> Callable[[], FrameID]:
    generator = FrameIDGenerator("cam01", clock=Clock())
    return generator.next


@pytest.fixture
def capture_service() -> Service:
    return CAPTURE


@pytest.fixture
def motion_service() -> Service:
    return MOTION
