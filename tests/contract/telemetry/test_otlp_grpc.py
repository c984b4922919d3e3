"""The gRPC sink against real servers: what is sent, over TLS as well, and what is made of each answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no stubs
import pytest
from frame_tracking import FrameID
from google.protobuf.any_pb2 import Any as AnyMessage  # type: ignore[import-untyped]  # has no stubs
from google.protobuf.duration_pb2 import Duration  # type: ignore[import-untyped]  # has no stubs
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from telemetry import Answer, Receipt, Service, set_up_tracing
from telemetry.otlp_grpc import GrpcSink
from telemetry.otlp_settings import OtlpSettings

from scripts.servers.certificates import LoopbackTLS


class Heard:
    """What a server was sent, and what it answers: a body, or by the call's context an error."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.reply: Callable[[Any], bytes] = lambda _context: b""

    def export(self, request: bytes, context: Any) -> bytes:
        self.requests.append((dict(context.invocation_metadata()), request))
        return self.reply(context)


@contextmanager
def listening(heard: Heard, credentials: Any = None) -> Iterator[str]:
    """Yield the receiver's host and port."""
    server = grpc.server(ThreadPoolExecutor(2))
    handler = grpc.unary_unary_rpc_method_handler(heard.export)
    service = "opentelemetry.proto.collector.trace.v1.TraceService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
    at = "127.0.0.1:0"
    port = server.add_secure_port(at, credentials) if credentials else server.add_insecure_port(at)
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def asked(settings: OtlpSettings, seconds: float = 5) -> Receipt:
    with closing(GrpcSink(settings)) as sink:
        return sink.send(b"spans" * 100, seconds)


@pytest.mark.parametrize("compression", ["", "gzip"])
def test_what_is_sent(heard: Heard, compression: str) -> None:
    with listening(heard) as place:
        receipt = asked(OtlpSettings(f"http://u:p%40ss@{place}/ignored", {"x-token": "abc"}, compression))

    headers, body = heard.requests[0]
    assert (receipt, body, headers["x-token"]) == (Receipt(), b"spans" * 100, "abc")
    assert headers["authorization"] == "Basic dTpwQHNz"
    assert headers["user-agent"].startswith("OTel-OTLP-Exporter-Python/frametrace")


def _fails(code: Any, *trailers: tuple[str, bytes]) -> Callable[[Any], bytes]:
    def reply(context: Any) -> bytes:
        context.set_trailing_metadata(trailers)
        context.abort(code, "not now rtsp://u:s3cret@h/")
        return b""

    return reply


def _in(seconds: float) -> tuple[str, bytes]:
    wanted = AnyMessage()
    wanted.Pack(RetryInfo(retry_delay=Duration(seconds=int(seconds))))
    return "grpc-status-details-bin", Status(details=[wanted]).SerializeToString()


_CODE = grpc.StatusCode
_NONSENSE = ("grpc-status-details-bin", b"\xff\xff")


@pytest.mark.parametrize(
    ("reply", "answer", "after"),
    [
        (_fails(_CODE.UNAVAILABLE), Answer.UNAVAILABLE, 0),
        (_fails(_CODE.UNAVAILABLE, _in(7)), Answer.UNAVAILABLE, 7),
        (_fails(_CODE.UNAVAILABLE, _in(10**9)), Answer.UNAVAILABLE, 3600),
        (_fails(_CODE.UNAVAILABLE, _NONSENSE), Answer.UNAVAILABLE, 0),
        (_fails(_CODE.RESOURCE_EXHAUSTED, _in(0)), Answer.UNAVAILABLE, 0),
        (_fails(_CODE.RESOURCE_EXHAUSTED), Answer.REFUSED, 0),
        (_fails(_CODE.INVALID_ARGUMENT), Answer.REFUSED, 0),
        (_fails(_CODE.UNAUTHENTICATED, ("other", b"x")), Answer.REFUSED, 0),
    ],
)
def test_what_is_made_of_an_answer(heard: Heard, reply: Any, answer: Answer, after: float) -> None:
    heard.reply = reply
    with listening(heard) as place:
        receipt = asked(OtlpSettings(f"http://{place}"))

    assert (receipt.answer, receipt.after_seconds) == (answer, after)
    assert "not now" in receipt.why
    assert "s3cret" not in receipt.why


def test_a_partial_success_is_looked_at(heard: Heard) -> None:
    partial = ExportTracePartialSuccess(rejected_spans=3, error_message="too long")
    heard.reply = lambda _: ExportTraceServiceResponse(partial_success=partial).SerializeToString()
    with listening(heard) as place:
        receipt = asked(OtlpSettings(f"http://{place}"))

    assert receipt == Receipt(rejected=3, why="too long")


def test_tls_with_certificates_of_both_sides(heard: Heard, tmp_path: Path) -> None:
    tls = LoopbackTLS.make(tmp_path)
    files = {"certificate": str(tls.authority), "client": (str(tls.certificate), str(tls.key))}
    pair = [(tls.key.read_bytes(), tls.certificate.read_bytes())]
    server = grpc.ssl_server_credentials(pair, tls.authority.read_bytes(), require_client_auth=True)

    with listening(heard, server) as place:
        known, without_scheme = (asked(OtlpSettings(url, **files)).answer for url in (f"https://{place}", place))
        anonymous = asked(OtlpSettings(f"https://{place}", certificate=files["certificate"]), 1).answer
        missing = asked(OtlpSettings(f"https://{place}", certificate=str(tmp_path / "none.pem")), 1).answer

    assert [known, without_scheme, anonymous, missing] == [*[Answer.TAKEN] * 2, *[Answer.UNAVAILABLE] * 2]
    assert len(heard.requests) == 2


def test_an_endpoint_without_a_scheme_goes_without_tls_where_the_setting_says_so(heard: Heard) -> None:
    with listening(heard) as place:
        receipt = asked(OtlpSettings(place, insecure=True))

    assert receipt.answer is Answer.TAKEN


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1", "http://u:s3/cret@x/", "u:s3cret@127.0.0.1:1"])
def test_an_address_that_cannot_be_asked_fails_by_a_receipt(url: str) -> None:
    receipt = asked(OtlpSettings(url, insecure=True), 1)

    assert receipt.answer is Answer.UNAVAILABLE
    assert "s3" not in receipt.why


def test_closing_ends_a_request_that_is_on_its_way(heard: Heard) -> None:
    begun, free = threading.Event(), threading.Event()

    def slow(_context: Any) -> bytes:
        begun.set()
        free.wait(10)
        return b""

    heard.reply, receipts = slow, []
    with listening(heard) as place:
        sink = GrpcSink(OtlpSettings(f"http://{place}"))
        sending = threading.Thread(target=lambda: receipts.append(sink.send(b"spans", 60)))
        sending.start()
        assert begun.wait(10)
        sink.close()
        sending.join(10)
        free.set()
        after = sink.send(b"spans", 1)

    assert [receipt.answer for receipt in (*receipts, after)] == [Answer.UNAVAILABLE] * 2


def test_a_request_takes_no_longer_than_its_time(heard: Heard) -> None:
    free = threading.Event()
    heard.reply = lambda _: b"late" * free.wait(10)
    with listening(heard) as place:
        begun = time.monotonic()
        receipt = asked(OtlpSettings(f"http://{place}"), 0.3)
        lasted = time.monotonic() - begun
        free.set()

    assert receipt.answer is Answer.UNAVAILABLE
    assert lasted < 3


@pytest.mark.contract
@pytest.mark.parametrize("compression", ["", "gzip"])
def test_jaeger_takes_what_is_compressed(jaeger: Any, compression: str) -> None:
    with closing(GrpcSink(OtlpSettings(jaeger.otlp_grpc_url, compression=compression))) as sink:
        assert sink.send(b"", 5) == Receipt()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMPRESSION", "deflate"),
        ("COMPRESSION", "zip"),
        ("TIMEOUT", "abc"),
        ("TRACES_TIMEOUT", "abc"),
        ("TIMEOUT", "0"),
        ("HEADERS", "no-value,a=1"),
        ("INSECURE", "perhaps"),
    ],
)
def test_spans_are_sent_whatever_a_setting_says(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{name}", value)
    with listening(heard) as place:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{place}")
        tracer = set_up_tracing(Service("x"), make_global=False)
        tracer.capture(FrameID.generate(), 1, {}).end(2)
        sent = tracer.shutdown(5)

    counts = tracer.counts()
    assert (sent, counts.created, counts.exported, counts.dropped) == (True, 1, 1, {})
    assert value in {"0", "perhaps", "no-value,a=1"} or "OTEL_EXPORTER_OTLP_" in capsys.readouterr().out


def test_spans_that_a_receiver_rejects_are_counted(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=1))
    heard.reply = lambda _: partial.SerializeToString()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with listening(heard) as place:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{place}")
        tracer = set_up_tracing(Service("x"), make_global=False)
        tracer.capture(FrameID.generate(), 1, {}).end(2)
        sent = tracer.shutdown(5)

    assert (sent, tracer.counts().exported, tracer.counts().dropped) == (False, 0, {"rejected": 1})
