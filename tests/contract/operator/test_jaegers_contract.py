"""What every Jaeger of the guard's does alike: in memory, and real ones with both storages; and what only HTTP can get wrong."""

import asyncio
import json
import socket
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver
from camera_runtime.journeys.jaeger import Jaeger
from frame_tracking import FrameID, FrameIDGenerator, Journey, Outcome
from frametrace_operator.guard.jaeger.base import (
    Found,
    JaegerAt,
    Jaegers,
    JaegerSilentError,
    JaegerUnresolvedError,
    Taken,
)
from frametrace_operator.guard.jaeger.memory import MemoryJaegers
from frametrace_operator.guard.jaeger.metrics import read_taken
from frametrace_operator.guard.jaeger.real import HttpJaegers, kept_connections
from frametrace_operator.hooks.checked import CheckedResolver
from frametrace_operator.hooks.names import Names
from hypothesis import given, settings
from hypothesis import strategies as st
from telemetry import Service, set_up_tracing

from scripts.servers.jaeger import JaegerServer
from tests.contract.operator.serving import LOOPBACK, SECRET, Handler

FRAMES = 120
LARGE, LARGE_BYTES = 70, 20_000
ODD = 30, 31, 110
SPANS = FRAMES + len(ODD)


@pytest.fixture(scope="module", params=["memory", "badger"])
def stored(request: pytest.FixtureRequest) -> Iterator[tuple[JaegerServer, list[FrameID], list[Journey]]]:
    """A real Jaeger, frames that it has, and their journeys as the runtime's own adapter reads them."""
    with tempfile.TemporaryDirectory(prefix="frametrace-guard-") as folder:
        server = JaegerServer(Path(folder), badger=request.param == "badger")
        frames = _send(server.otlp_url)
        reader = Jaeger(server.query_url)
        deadline = time.monotonic() + 20
        while not all(_has_arrived(number, reader.journey(frame.trace_id)) for number, frame in enumerate(frames)):
            assert time.monotonic() < deadline, "traces did not arrive"
            time.sleep(0.1)
        journeys = [reader.journey(frame.trace_id) for frame in frames]
        yield server, frames, [journey for journey in journeys if journey is not None]
        server.stop()


def _send(otlp: str) -> list[FrameID]:
    generator = FrameIDGenerator("cam01")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
        tracer = set_up_tracing(Service("rtsp-capture", "line"), make_global=False)
    frames = [generator.next() for _ in range(FRAMES)]
    for number, frame in enumerate(frames):
        long = {f"note{each}": "x" * 1000 for each in range(LARGE_BYTES // 1000)} if number == LARGE else {}
        tracer.capture(frame, time.time_ns(), long).end(time.time_ns() + 1000, Outcome.COMPLETED)
    assert tracer.shutdown(10)
    _add_odd_spans(otlp, [frames[number].trace_id for number in ODD])
    return frames


def _add_odd_spans(otlp: str, trace_ids: list[str]) -> None:
    """Send what a program of somebody's own adds to frames' traces: a number that JSON has not (infinity, for it equals itself, as NaN does not)."""
    spans = [
        {
            "traceId": trace_id,
            "spanId": f"{number:016x}",
            "name": "score",
            "startTimeUnixNano": str(time.time_ns()),
            "endTimeUnixNano": str(time.time_ns()),
            "attributes": [{"key": "score", "value": {"doubleValue": "Infinity"}}],
        }
        for number, trace_id in enumerate(trace_ids, start=1)
    ]
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "their-own"}}]}
    body = json.dumps({"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": spans}]}]}).encode()
    request = urllib.request.Request(f"{otlp}/v1/traces", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def _has_arrived(number: int, journey: Journey | None) -> bool:
    return journey is not None and bool(journey.outcomes) and len(journey.spans) == 1 + (number in ODD)


@pytest.fixture(params=["memory", "http"])
def jaegers(request: pytest.FixtureRequest, stored: Any, session: aiohttp.ClientSession) -> Jaegers:
    if request.param == "http":
        return HttpJaegers(session, allow=LOOPBACK)
    memory = MemoryJaegers()
    memory.put(stored[0].query_url, *stored[2])
    memory.took[stored[0].query_url] = Taken(SPANS)
    return memory


async def test_it_returns_the_journeys_that_it_has_and_no_others(jaegers: Jaegers, stored: Any) -> None:
    server, frames, journeys = stored
    unknown = [f"{number:032x}" for number in range(1, 60)]
    at = JaegerAt(server.query_url, metrics_url=server.metrics_url)

    found = await jaegers.journeys(at, [*unknown, *(frame.trace_id for frame in frames), frames[0].trace_id])

    assert found == Found({journey.trace_id: journey for journey in journeys})
    assert len(found.journeys) == FRAMES
    odd = [span for number in ODD for span in found.journeys[frames[number].trace_id].spans if span.name == "score"]
    assert [span.attributes.get("score") for span in odd] == [inf] * len(ODD)
    assert await jaegers.journeys(at, []) == Found()
    await jaegers.probe(at)
    assert (await jaegers.taken(at)).spans == SPANS


async def test_a_trace_that_is_too_large_is_there_and_unread_and_the_others_are_returned(
    jaegers: Jaegers, stored: Any, session: aiohttp.ClientSession
) -> None:
    server, frames, journeys = stored
    large, unknown = frames[LARGE].trace_id, "1" * 32
    if isinstance(jaegers, MemoryJaegers):
        jaegers.swell(large, unknown)
    else:
        jaegers = HttpJaegers(session, allow=LOOPBACK, most_bytes=LARGE_BYTES)

    found = await jaegers.journeys(JaegerAt(server.query_url), [unknown, *(frame.trace_id for frame in frames)])

    assert found.journeys == {journey.trace_id: journey for journey in journeys if journey.trace_id != large}
    assert list(found.unread) == [large]
    assert "\n" not in found.unread[large]
    assert found.there == {frame.trace_id for frame in frames}
    await jaegers.probe(JaegerAt(server.query_url))


async def test_one_that_is_not_there_is_silent(jaegers: Jaegers) -> None:
    nowhere = JaegerAt("http://127.0.0.1:9", metrics_url="http://127.0.0.1:9/metrics")
    for call in (jaegers.journeys(nowhere, ["1" * 32]), jaegers.probe(nowhere), jaegers.taken(nowhere)):
        with pytest.raises(JaegerSilentError, match=r"^.+$"):
            await call


def answering(text: str, status: int = 200) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return answer


async def never(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def drip(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b" " * 4000)


async def elsewhere(_request: web.Request) -> web.Response:
    raise web.HTTPFound("http://169.254.169.254/")


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (never, "no answer in time"),
        (elsewhere, "it answers 302"),
        (answering("<html>"), "it answers 200"),
        (answering('{"data": [{"traceID": 1}]}'), "it answers 200"),
        (answering('{"data": 7}'), "it answers 200"),
        (answering("[" * 5000), "it answers 200"),
        (answering('{"errors": []}', 500), "it answers 500"),
        (answering("no such page", 404), "it answers 404"),
    ],
)
async def test_one_that_misbehaves_is_silent(http: Any, handler: Handler, why: str) -> None:
    jaegers, at = await http(handler)
    for call in (jaegers.journeys(at, ["1" * 32]), jaegers.probe(at), jaegers.taken(at)):
        with pytest.raises(JaegerSilentError) as caught:
            await call
        assert SECRET not in str(caught.value) + repr(
            at.headers and str(at).replace(at.url, "").replace(at.metrics_url, "")
        )
    with pytest.raises(JaegerSilentError, match=why):
        await jaegers.journeys(at, ["1" * 32])


async def test_one_that_answers_without_end_is_read_no_further(http: Any) -> None:
    jaegers, at = await http(drip)
    for call in (jaegers.probe(at), jaegers.taken(at)):
        with pytest.raises(JaegerSilentError, match=r"^it answers more than 10000 bytes$"):
            await call
    assert (await jaegers.journeys(at, ["1" * 32])).unread == {"1" * 32: "it answers more than 10000 bytes"}


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"])
async def test_addresses_that_only_the_operators_node_should_reach_are_refused(
    session: aiohttp.ClientSession, host: str
) -> None:
    jaegers, at = HttpJaegers(session), JaegerAt(f"http://{host}:16686", metrics_url=f"http://{host}:8888/metrics")
    for call in (jaegers.journeys(at, ["1" * 32]), jaegers.probe(at), jaegers.taken(at)):
        with pytest.raises(JaegerSilentError, match="which is refused"):
            await call


class _NoNames(AbstractResolver):
    """A DNS that is away."""

    async def resolve(self, *_: Any, **__: Any) -> Any:
        raise OSError("temporary failure in name resolution")

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_name_that_cannot_be_resolved_says_nothing_of_the_jaeger() -> None:
    at = JaegerAt("http://yard-jaeger.site:16686", metrics_url="http://yard-jaeger.site:8888/metrics")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_NoNames())) as session:
        jaegers = HttpJaegers(session)
        for call in (jaegers.journeys(at, ["1" * 32]), jaegers.probe(at), jaegers.taken(at)):
            with pytest.raises(JaegerUnresolvedError, match="cannot be resolved here"):
                await call


async def test_a_dns_that_is_silent_says_nothing_of_the_jaeger_and_keeps_no_other_from_being_probed(
    http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, system = threading.Event(), socket.getaddrinfo

    def dead(host: str, *told: Any, **named: Any) -> Any:
        if host.endswith(".dead.test"):
            over.wait(20)
        return system("127.0.0.1", *told, **named)

    _, at = await http(answering('{"data": []}'))
    well = JaegerAt(at.url.replace("127.0.0.1", "jaeger.well.test"))
    monkeypatch.setattr(socket, "getaddrinfo", dead)
    resolver = CheckedResolver(LOOPBACK, Names(seconds=0.5))
    async with aiohttp.ClientSession(connector=kept_connections(resolver)) as session:
        jaegers = HttpJaegers(session, seconds=2.0, allow=LOOPBACK)
        await jaegers.probe(well)

        others = [JaegerAt(f"http://jaeger{number}.dead.test:16686") for number in range(60)]
        told = await asyncio.gather(*map(jaegers.probe, (*others, well)), return_exceptions=True)

    over.set()
    assert [type(each) for each in told] == [JaegerUnresolvedError] * 60 + [type(None)]


async def test_a_name_of_a_refused_address_is_refused() -> None:
    at = JaegerAt("http://localhost:16686", metrics_url="http://localhost:8888/metrics")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=CheckedResolver())) as session:
        with pytest.raises(JaegerSilentError, match="its address is loopback, which is refused"):
            await HttpJaegers(session).probe(at)


async def test_one_that_never_answers_keeps_nobody_elses_from_being_asked(http: Any) -> None:
    jaegers, sick = await http(never)
    _, well = await http(answering('{"data": []}'))
    stuck = [asyncio.ensure_future(jaegers.journeys(sick, ["1" * 32])) for _ in range(40)]
    await asyncio.sleep(0)

    assert await jaegers.journeys(well, ["1" * 32]) == Found()
    assert not any(task.done() for task in stuck)
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_headers_and_the_path_of_an_external_one_are_kept(http: Any) -> None:
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers.get("x-token"), request.query.getall("traceID", [])))
        return web.json_response({"data": []})

    jaegers, at = await http(answer)
    assert await jaegers.journeys(at, [f"{n:032x}" for n in range(120)]) == Found()
    assert [(path, token, len(ids)) for path, token, ids in asked] == [
        ("/jaeger/api/traces", SECRET, 50),
        ("/jaeger/api/traces", SECRET, 50),
        ("/jaeger/api/traces", SECRET, 20),
    ]


@pytest.mark.parametrize("gone", [(404, "404 page not found"), (200, "<!doctype html>")])
@pytest.mark.parametrize("version", ["by ID", "v3"])
async def test_where_many_ids_a_call_are_gone_traces_are_got_one_by_one(
    http: Any, stored: Any, version: str, gone: tuple[int, str]
) -> None:
    journey = stored[2][0]
    span = journey.spans[0]
    nanoseconds = span.start_us * 1000
    otlp = {
        "traceId": journey.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "startTimeUnixNano": str(nanoseconds),
        "endTimeUnixNano": str(nanoseconds),
    }
    scope = {
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "rtsp-capture"}}]},
        "scopeSpans": [{"spans": [otlp]}],
    }
    v1 = {"traceID": journey.trace_id, "spans": [], "processes": {}}

    async def answer(request: web.Request) -> web.Response:
        kind, _, trace_id = request.path.removeprefix("/jaeger/api/").rpartition("/")
        if trace_id == "traces" or kind != ("v3/traces" if version == "v3" else "traces"):
            return web.Response(status=gone[0], text=gone[1])
        if trace_id != journey.trace_id:
            return web.json_response({"errors": [{"code": 404}]}, status=404)
        return web.json_response({"result": {"resourceSpans": [scope]}} if version == "v3" else {"data": [v1]})

    jaegers, at = await http(answer)
    for _ in range(2):
        found = (await jaegers.journeys(at, [journey.trace_id, "1" * 32])).journeys
        assert list(found) == [journey.trace_id]
    await jaegers.probe(at)
    assert [each.name for each in found[journey.trace_id].spans] == ([span.name] if version == "v3" else [])


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=300)
def test_metrics_of_anybody_are_read_or_refused(text: str) -> None:
    line = 'otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} '
    volume = (
        'jaeger_storage_badger_write_bytes_l0{name="main"} 7e3\njaeger_storage_badger_size_bytes_lsm{name="main"} 500\n'
    )
    assert read_taken(text) is None or "otelcol_" in text
    assert read_taken(f"{line}12\n{line}30") == Taken(42)
    assert read_taken(f"{volume}{line}12") == Taken(12, 7000, 500)
    assert read_taken(f"{line}1e999") is None
