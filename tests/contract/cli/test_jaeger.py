"""The runtime's Jaeger adapter: on a real Jaeger, on answers of versions that cannot be had here, and on no Jaeger at all.

Answers of `/api/v3/traces` are written after Jaeger's published definition (`api_v3/query_service.proto`: a `result` of
OTLP's `TracesData`); a real Jaeger 2.13 gives the same shape, but looks at no attributes yet.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from camera_runtime.journeys.base import JaegerUnavailableError, Matches
from camera_runtime.journeys.jaeger import Jaeger, Search
from camera_runtime.journeys.stored import JaegerJourneys
from frame_tracking import FrameID, FrameQuery

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")
BEGIN = datetime(2024, 3, 15, tzinfo=UTC)
SEARCH = Search({"camera.id": "cam01"}, BEGIN, BEGIN + timedelta(days=1), 5)
Answer = tuple[int, bytes]


class Server:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                status, body = outer.answers.get(urlsplit(self.path).path, (404, b"404 page not found\n"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status in range(300, 400):
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Tests print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()


def batch() -> dict[str, Any]:
    span = {
        "traceId": FRAME.trace_id,
        "spanId": "00f067aa0ba902b7",
        "name": "capture_frame",
        "kind": 1,
        "startTimeUnixNano": "1710497730123456000",
        "endTimeUnixNano": "1710497730125456000",
        "attributes": [{"key": "frame.id", "value": {"stringValue": FRAME}}],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "rtsp-capture"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": [span]}]}]}


@pytest.mark.parametrize("gone", [(404, b"404 page not found\n"), (200, b"<!DOCTYPE html>\n")], ids=["404", "its UI"])
def test_a_jaeger_without_the_older_search_is_asked_by_the_newer_one(server: Server, gone: Answer) -> None:
    server.answers = {"/api/traces": gone, "/api/v3/traces": (200, json.dumps({"result": batch()}).encode())}

    (journey,) = Jaeger(server.url).search(SEARCH)

    assert (journey.trace_id, journey.frame_id, journey.spans[0].duration_us) == (FRAME.trace_id, FRAME, 2000)
    asked = parse_qs(urlsplit(server.asked[-1]).query)
    assert asked == {
        "query.service_name": ["rtsp-capture"],
        "query.attributes": ['{"camera.id": "cam01"}'],
        "query.start_time_min": ["2024-03-15T00:00:00.000000Z"],
        "query.start_time_max": ["2024-03-16T00:00:00.000000Z"],
        "query.num_traces": ["5"],
    }


def test_a_trace_of_which_the_older_api_makes_no_json_is_got_by_the_newer_one(server: Server) -> None:
    says = b"failed marshalling HTTP response to JSON: json: unsupported value: NaN"
    unwritable = (500, b'{"data":null,"errors":[{"code":500,"msg":"failed writing HTTP response: %s"}]}' % says)
    server.answers = dict.fromkeys(("/api/traces", f"/api/traces/{FRAME.trace_id}"), unwritable)
    found = (200, json.dumps({"result": batch()}).encode())
    server.answers |= dict.fromkeys(("/api/v3/traces", f"/api/v3/traces/{FRAME.trace_id}"), found)

    (searched,), by_id = Jaeger(server.url).search(SEARCH), Jaeger(server.url).journey(FRAME.trace_id)

    assert by_id == searched
    assert searched.frame_id == FRAME


@pytest.mark.contract
def test_a_real_jaeger_shows_a_frame_with_an_attribute_that_is_no_number(jaeger: Any) -> None:
    odd = batch()
    span = odd["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["traceId"] = "ac" * 16
    span["attributes"].append({"key": "score", "value": {"doubleValue": "NaN"}})
    whole = json.dumps(odd).replace("rtsp-capture", "odd-numbers").encode()
    sent = urllib.request.Request(f"{jaeger.otlp_url}/v1/traces", whole, {"Content-Type": "application/json"})
    urllib.request.urlopen(sent, timeout=10).close()
    client, search = Jaeger(jaeger.query_url), replace(SEARCH, tags={}, service="odd-numbers")
    deadline = time.monotonic() + 10
    while not client.search(search) and time.monotonic() < deadline:
        time.sleep(0.1)

    (journey,) = client.search(search)
    by_id = client.journey("ac" * 16)

    assert by_id is not None
    assert by_id.frame_id == journey.frame_id == FRAME


def test_nothing_found_is_no_error_in_either_search(server: Server) -> None:
    server.answers = {"/api/traces": (200, b'{"data":[],"errors":null}')}
    assert Jaeger(server.url).search(SEARCH) == ()
    server.answers = {"/api/v3/traces": (404, b'{"error":{"httpCode":404,"message":"No traces found"}}')}
    assert Jaeger(server.url).search(SEARCH) == ()


def test_a_trace_that_is_not_there_is_none(server: Server) -> None:
    server.answers = {
        f"/api/traces/{FRAME.trace_id}": (404, b'{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}')
    }
    assert Jaeger(server.url).journey(FRAME.trace_id) is None


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<!DOCTYPE html>"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b'{"data": 7}'),
        (200, b'{"data": [{"spans": 1}]}'),
        (200, b"[" * 100_000),
        (404, b"404 page not found\n"),
        (404, b'{"kind":"Status","status":"Failure","message":"not found","code":404}'),
        (404, b'{"message":"Not found"}'),
        (302, b""),
        (503, b"upstream connect error"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "ask",
    [lambda it: it.journey(FRAME.trace_id), lambda it: it.search(SEARCH), lambda it: it.services()],
    ids=["by ID", "search", "services"],
)
def test_what_is_no_jaeger_is_one_error_in_one_line(
    server: Server, answer: Answer, ask: Callable[[Jaeger], Any]
) -> None:
    paths = ("/api/traces", f"/api/traces/{FRAME.trace_id}", "/api/v3/traces", "/api/services")
    server.answers = dict.fromkeys(paths, answer)
    if b'"spans": 1' in answer[1]:  # names of services are whatever they are
        server.answers["/api/services"] = (200, b'{"data": "rtsp-capture"}')
    with pytest.raises(JaegerUnavailableError, match=r"is that its query port \(16686\)\?$") as error:
        ask(Jaeger(server.url))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            (500, b'{"data":null,"errors":[{"code":500,"msg":"search depth must be less than max traces"}]}'),
            "answered 500: search depth must be less than max traces",
        ),
        (
            (401, b"Authorization Required"),
            "answered 401, and not as Jaeger's query API does: something before it wants a login",
        ),
    ],
    ids=["its own words", "a login"],
)
def test_what_jaeger_says_itself_is_handed_on(server: Server, answer: Answer, says: str) -> None:
    server.answers = dict.fromkeys(("/api/traces", f"/api/traces/{FRAME.trace_id}"), answer)
    for ask in (lambda it: it.journey(FRAME.trace_id), lambda it: it.search(SEARCH)):
        with pytest.raises(JaegerUnavailableError) as error:
            ask(Jaeger(server.url))
        assert says in str(error.value)


def test_headers_that_cannot_be_read_are_told_as_that(server: Server) -> None:
    def read() -> dict[str, str]:
        raise JaegerUnavailableError("the headers for Jaeger cannot be read from /x: No such file or directory")

    with pytest.raises(JaegerUnavailableError, match=r"^the headers for Jaeger cannot be read"):
        Jaeger(server.url, headers=read).journey(FRAME.trace_id)


def test_an_address_is_told_without_its_login() -> None:
    with pytest.raises(JaegerUnavailableError) as error:
        Jaeger("http://me:s3cretword@127.0.0.1:1").services()
    assert "s3cretword" not in str(error.value)
    assert "***@127.0.0.1:1" in str(error.value)


def test_parts_of_an_id_become_searches_and_a_whole_one_a_look_up(server: Server) -> None:
    server.answers = {"/api/traces": (200, b'{"data":[]}'), f"/api/traces/{FRAME.trace_id}": (200, b'{"data":[]}')}
    source = JaegerJourneys(Jaeger(server.url), stages=lambda: ("motion",))
    assert source.find(FrameQuery.parse(FRAME), 5) == Matches()
    assert source.find(FrameQuery.parse("20240315_cam01_000123"), 5) == Matches()
    assert urlsplit(server.asked[0]).path == f"/api/traces/{FRAME.trace_id}"
    number, kept, of_any, lost = (parse_qs(urlsplit(asked).query) for asked in server.asked[1:])
    assert json.loads(number["tags"][0]) == {"frame.sequence": "123"}
    assert int(number["end"][0]) - int(number["start"][0]) == (86_400 + 2.2) * 1_000_000
    assert json.loads(kept["tags"][0]) == {"camera.id": "cam01", "frame.partial": "upstream"}
    assert json.loads(of_any["tags"][0]) == {"frame.partial": "upstream"}
    assert json.loads(lost["tags"][0]) == {"camera.id": "cam01"}
    assert kept["service"] == lost["service"] == ["motion"]


@pytest.mark.contract
def test_a_real_jaeger_answers_both_searches_alike(jaeger: Any) -> None:
    whole = json.dumps(batch()).replace(FRAME.trace_id, "ab" * 16).replace("rtsp-capture", "both-searches").encode()
    begin = datetime.now(UTC) - timedelta(minutes=1)
    now_ns = str(time.time_ns())
    whole = whole.replace(b"1710497730123456000", now_ns.encode()).replace(b"1710497730125456000", now_ns.encode())
    sent = urllib.request.Request(f"{jaeger.otlp_url}/v1/traces", whole, {"Content-Type": "application/json"})
    urllib.request.urlopen(sent, timeout=10).close()
    client, search = Jaeger(jaeger.query_url), Search({}, begin, begin + timedelta(minutes=5), 5, "both-searches")
    deadline = time.monotonic() + 10
    while not client.search(search) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert client.search(search) == client._search_v3(search) == (client.journey("ab" * 16),)
    assert "both-searches" in client.services()
