"""The HTTP sink against real servers: what is sent, over TLS as well, and what is made of each answer."""

from __future__ import annotations

import gzip
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from telemetry import Answer
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings

from scripts.servers.certificates import LoopbackTLS

Reply = tuple[int, bytes, dict[str, str]]


class Heard:
    """What a server was sent, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.reply: Reply = (200, b"", {})


@contextmanager
def listening(heard: Heard, context: ssl.SSLContext | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, answer, headers = heard.reply
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is part of the test
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.mark.parametrize(
    ("compression", "unpack"), [("", bytes), ("gzip", gzip.decompress), ("deflate", zlib.decompress)]
)
def test_what_is_sent(heard: Heard, compression: str, unpack: Callable[[bytes], bytes]) -> None:
    with listening(heard) as url:
        sink = HttpSink(OtlpSettings(f"{url}/v1/traces?tenant=1", {"x-token": "abc"}, compression))
        receipts = [sink.send(b"spans" * 100, 5), sink.send(b"more", 5)]
        sink.close()

    path, headers, body = heard.requests[0]
    assert [receipt.answer for receipt in receipts] == [Answer.TAKEN, Answer.TAKEN]
    assert (path, unpack(body), headers["x-token"]) == ("/v1/traces?tenant=1", b"spans" * 100, "abc")
    assert headers["content-type"] == "application/x-protobuf"
    assert headers.get("content-encoding", "") == compression


@pytest.mark.parametrize(
    ("reply", "answer", "after"),
    [
        ((200, b"", {}), Answer.TAKEN, 0),
        ((202, b"\xff<html>", {}), Answer.TAKEN, 0),
        ((302, b"", {"Location": "http://127.0.0.1:1/"}), Answer.REFUSED, 0),
        ((400, b"no", {}), Answer.REFUSED, 0),
        ((500, b"", {}), Answer.REFUSED, 0),
        ((429, b"", {"Retry-After": "7"}), Answer.UNAVAILABLE, 7),
        ((503, b"", {"Retry-After": "soon"}), Answer.UNAVAILABLE, 0),
        ((503, b"", {"Retry-After": "99999999"}), Answer.UNAVAILABLE, 3600),
        ((504, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Answer.UNAVAILABLE, 0),
    ],
)
def test_what_is_made_of_an_answer(heard: Heard, reply: Reply, answer: Answer, after: float) -> None:
    heard.reply = reply
    with listening(heard) as url:
        receipt = HttpSink(OtlpSettings(url)).send(b"spans", 5)

    assert (receipt.answer, receipt.after_seconds) == (answer, after)


def test_a_partial_success_is_looked_at(heard: Heard) -> None:
    partial = ExportTracePartialSuccess(rejected_spans=3, error_message="too long")
    heard.reply = (200, ExportTraceServiceResponse(partial_success=partial).SerializeToString(), {})
    with listening(heard) as url:
        receipt = HttpSink(OtlpSettings(url)).send(b"spans", 5)

    assert (receipt.answer, receipt.rejected, receipt.why) == (Answer.TAKEN, 3, "too long")


def test_tls_with_certificates_of_both_sides(heard: Heard, tmp_path: Path) -> None:
    tls = LoopbackTLS.make(tmp_path)
    files = {"certificate": str(tls.authority), "client": (str(tls.certificate), str(tls.key))}
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.authority))
    context.load_cert_chain(tls.certificate, tls.key)
    context.verify_mode = ssl.CERT_REQUIRED

    def answer(**settings: Any) -> Answer:
        return HttpSink(OtlpSettings(url, **settings)).send(b"spans", 5).answer

    with listening(heard, context) as url:
        known, anonymous = answer(**files), answer(certificate=files["certificate"])
        unknown, missing = answer(client=files["client"]), answer(certificate=str(tmp_path / "none.pem"))

    assert [known, anonymous, unknown, missing] == [Answer.TAKEN, *[Answer.UNAVAILABLE] * 3]
    assert len(heard.requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "nonsense", "http://host.invalid:4318", "ftp://x/"])
def test_an_address_that_cannot_be_asked_fails_by_a_receipt(url: str) -> None:
    receipt = HttpSink(OtlpSettings(url)).send(b"spans", 2)

    assert receipt.answer is Answer.UNAVAILABLE
    assert receipt.why
