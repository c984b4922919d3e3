"""The HTTP sink against real servers: what is sent, over TLS as well, and what is made of each answer."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from telemetry import Answer, Receipt, redact
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings

from scripts.servers.certificates import LoopbackTLS

Reply = tuple[int, bytes, dict[str, str]]


class Heard:
    """What a server was sent, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.peers: set[tuple[str, int]] = set()
        self.reply: Reply = (200, b"", {})


@contextmanager
def listening(heard: Heard, context: ssl.SSLContext | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            heard.peers.add(self.client_address)
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


def asked(settings: OtlpSettings) -> Receipt:
    with closing(HttpSink(settings)) as sink:
        return sink.send(b"spans", 5)


@pytest.mark.parametrize(
    ("compression", "unpack"), [("", bytes), ("gzip", gzip.decompress), ("deflate", zlib.decompress)]
)
def test_what_is_sent(heard: Heard, compression: str, unpack: Callable[[bytes], bytes]) -> None:
    with listening(heard) as url:
        settings = OtlpSettings(f"{url}/v1/traces?tenant=1", {"x-token": "abc"}, compression)
        with closing(HttpSink(settings)) as sink:
            receipts = [sink.send(b"spans" * 100, 5), sink.send(b"more", 5)]

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
        ((429, b"", {"retry-after": " 7 "}), Answer.UNAVAILABLE, 7),
        ((503, b"", {"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}), Answer.UNAVAILABLE, 0),
        ((503, b"", {"Retry-After": "soon"}), Answer.UNAVAILABLE, 0),
        ((503, b"", {"Retry-After": "99999999"}), Answer.UNAVAILABLE, 3600),
        ((504, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), Answer.UNAVAILABLE, 0),
    ],
)
def test_what_is_made_of_an_answer(heard: Heard, reply: Reply, answer: Answer, after: float) -> None:
    heard.reply = reply
    with listening(heard) as url:
        receipt = asked(OtlpSettings(url))

    assert (receipt.answer, receipt.after_seconds) == (answer, after)


def test_a_partial_success_is_looked_at(heard: Heard) -> None:
    partial = ExportTracePartialSuccess(rejected_spans=3, error_message="too long")
    heard.reply = (200, ExportTraceServiceResponse(partial_success=partial).SerializeToString(), {})
    with listening(heard) as url:
        receipt = asked(OtlpSettings(url))

    assert (receipt.answer, receipt.rejected, receipt.why) == (Answer.TAKEN, 3, "too long")


def test_tls_with_certificates_of_both_sides(heard: Heard, tmp_path: Path) -> None:
    tls = LoopbackTLS.make(tmp_path)
    files = {"certificate": str(tls.authority), "client": (str(tls.certificate), str(tls.key))}
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.authority))
    context.load_cert_chain(tls.certificate, tls.key)
    context.verify_mode = ssl.CERT_REQUIRED

    def answer(**settings: Any) -> Answer:
        return asked(OtlpSettings(url, **settings)).answer

    with listening(heard, context) as url:
        known, anonymous = answer(**files), answer(certificate=files["certificate"])
        unknown, missing = answer(client=files["client"]), answer(certificate=str(tmp_path / "none.pem"))

    assert [known, anonymous, unknown, missing] == [Answer.TAKEN, *[Answer.UNAVAILABLE] * 3]
    assert len(heard.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://", "nonsense", "http://host.invalid:4318", "ftp://x/", "http://u:s3/cret@x/"]
)
def test_an_address_that_cannot_be_asked_fails_by_a_receipt(url: str) -> None:
    receipt = asked(OtlpSettings(url))

    assert receipt.answer is Answer.UNAVAILABLE
    assert receipt.why.startswith(redact(url))
    assert "s3" not in receipt.why


def test_the_connection_is_kept(heard: Heard) -> None:
    with listening(heard) as url, closing(HttpSink(OtlpSettings(url))) as sink:
        answers = {sink.send(b"spans", 5).answer for _ in range(5)}

    assert answers == {Answer.TAKEN}
    assert len(heard.peers) == 1


@pytest.mark.parametrize("reply", [(200, b"", {"Connection": "close"}), (200, b"x" * 200_000, {})])
def test_a_connection_that_cannot_be_kept_is_made_again(heard: Heard, reply: Reply) -> None:
    heard.reply = reply
    with listening(heard) as url, closing(HttpSink(OtlpSettings(url))) as sink:
        answers = {sink.send(b"spans", 5).answer for _ in range(3)}

    assert answers == {Answer.TAKEN}
    assert len(heard.peers) == 3


def test_a_receiver_that_went_away_while_idle_is_asked_again_once_it_is_back(heard: Heard) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        sink = HttpSink(OtlpSettings(f"http://127.0.0.1:{server.getsockname()[1]}"))
        server.settimeout(10)
        answers = []
        with closing(sink):
            for _ in range(2):
                thread = threading.Thread(target=_answer_once, args=(server,))
                thread.start()
                answers.append(sink.send(b"spans", 10).answer)
                thread.join()

    assert answers == [Answer.TAKEN, Answer.TAKEN]


def _answer_once(server: socket.socket) -> None:
    """Answer as if the connection were kept, and end it all the same."""
    with server.accept()[0] as peer:
        peer.settimeout(10)
        received = b""
        while not received.endswith(b"spans"):
            received += peer.recv(4096)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def test_closing_ends_a_request_that_is_on_its_way() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        sink = HttpSink(OtlpSettings(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        receipts: list[Receipt] = []
        sending = threading.Thread(target=lambda: receipts.append(sink.send(b"spans", 60)))
        sending.start()
        with silent.accept()[0] as peer:
            assert peer.recv(4)
            sink.close()
            sending.join(30)

    assert [receipt.answer for receipt in receipts] == [Answer.UNAVAILABLE]


@pytest.mark.parametrize("drip", [b"HTTP/1.1 100 Continue\r\n\r\n", b"x"])
def test_an_answer_that_never_ends_takes_no_longer_than_its_time(drip: bytes) -> None:
    ended = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        dripping = threading.Thread(target=_drip, args=(server, drip, ended))
        dripping.start()
        with closing(HttpSink(OtlpSettings(f"http://127.0.0.1:{server.getsockname()[1]}"))) as sink:
            receipt = sink.send(b"spans", 0.5)
        was_dripping = not ended.is_set()
        ended.set()
        dripping.join()

    assert was_dripping
    assert receipt.answer is Answer.UNAVAILABLE


def _drip(server: socket.socket, drip: bytes, ended: threading.Event) -> None:
    """Answer with a little more again and again, so that no read of it ever has to wait long."""
    with server.accept()[0] as peer, suppress(OSError):
        if drip == b"x":
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not ended.wait(0.02):
            peer.sendall(drip)


def test_a_forked_child_has_a_connection_of_its_own(heard: Heard) -> None:
    with listening(heard) as url, closing(HttpSink(OtlpSettings(url))) as sink:
        answers = [sink.send(b"spans", 5).answer]
        child = os.fork()
        if not child:
            os._exit(0 if sink.send(b"spans", 5).answer is Answer.TAKEN else 1)
        status = os.waitpid(child, 0)[1]
        answers.append(sink.send(b"spans", 5).answer)

    assert (answers, status) == ([Answer.TAKEN, Answer.TAKEN], 0)
    assert len(heard.peers) == 2


def test_a_closed_sink_sends_no_more(heard: Heard) -> None:
    with listening(heard) as url:
        sink = HttpSink(OtlpSettings(url))
        before = sink.send(b"spans", 5).answer
        sink.close()
        after = sink.send(b"spans", 5)

    assert (before, after.answer, len(heard.requests)) == (Answer.TAKEN, Answer.UNAVAILABLE, 1)


def test_a_user_in_the_address_is_sent_as_authorization(heard: Heard) -> None:
    with listening(heard) as url:
        own = url.replace("//", "//user:p%40ss@")
        answers = [asked(OtlpSettings(own)).answer, asked(OtlpSettings(own, {"Authorization": "Bearer t"})).answer]

    assert answers == [Answer.TAKEN, Answer.TAKEN]
    assert [headers["authorization"] for _, headers, _ in heard.requests] == ["Basic dXNlcjpwQHNz", "Bearer t"]


@pytest.mark.parametrize(
    ("variable", "value", "answer"),
    [
        ("all_proxy", "http://proxy.invalid:1", Answer.UNAVAILABLE),
        ("no_proxy", "10.0.0.0/8, 127.0.0.0/8", Answer.TAKEN),
        ("no_proxy", "10.0.0.0/8,nonsense/8", Answer.UNAVAILABLE),
    ],
)
def test_the_environment_says_what_goes_through_a_proxy(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, answer: Answer
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    if variable == "no_proxy":
        monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
    monkeypatch.setenv(variable, value)
    with listening(heard) as url:
        receipt = asked(OtlpSettings(url))

    assert receipt.answer is answer


def test_a_proxy_that_would_be_told_its_password_in_the_clear_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "https://user:s3cret@proxy.invalid")
    receipt = asked(OtlpSettings("https://collector.invalid/v1/traces"))

    assert "write http:// in http_proxy" in receipt.why
    assert "s3cret" not in receipt.why


def test_the_environments_proxy_is_asked_with_its_credentials(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(heard) as url:
        monkeypatch.setenv("http_proxy", url.replace("//", "//user:p%40ss@"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        through = asked(OtlpSettings("http://collector.invalid:4318/v1/traces"))
        beside = asked(OtlpSettings("http://127.0.0.1:1"))

    assert (through.answer, beside.answer) == (Answer.TAKEN, Answer.UNAVAILABLE)
    path, headers, _ = heard.requests[0]
    assert path == "http://collector.invalid:4318/v1/traces"
    assert headers["host"] == "collector.invalid:4318"
    assert headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"
