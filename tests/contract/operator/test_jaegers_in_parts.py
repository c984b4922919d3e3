"""How many traces a call an HTTP Jaeger is asked for: many, fewer where they are large, one where there is no other way."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from frametrace_operator.guard.jaeger.base import MOST_UNREAD, JaegerSilentError

from tests.contract.operator.serving import MOST_BYTES, Serve

pytestmark = pytest.mark.contract

IDS = [f"{number:032x}" for number in range(1, 121)]


class Answers:
    """A Jaeger's, and what stands before one.

    Attributes:
        many: whether there is a page for many IDs, and `single` whether there is one for one.
        gone: what is there instead.
        size: of each trace, in bytes; `sizes` of some.
        calls: how many IDs each call was for; 0 for one by ID.
    """

    def __init__(self, size: int = 0, **sizes: int) -> None:
        self.many = self.single = True
        self.gone = 404, "404 page not found"
        self.size, self.sizes = size, sizes
        self.calls: list[int] = []

    async def answer(self, request: web.Request) -> web.Response:
        kind, _, trace_id = request.path.removeprefix("/jaeger/api/").rpartition("/")
        wanted = request.query.getall("traceID", [])
        if kind != "v3/traces":
            self.calls.append(len(wanted))
        there = self.many if wanted else self.single and kind == "traces"
        if not there:
            return web.Response(status=self.gone[0], text=self.gone[1])
        return web.json_response({"data": [self._trace(each) for each in wanted or [trace_id]]})

    def _trace(self, trace_id: str) -> dict[str, Any]:
        size = self.sizes.get(f"of_{int(trace_id, 16)}", self.size)
        return {"traceID": trace_id, "spans": [], "processes": {}, "warnings": ["x" * size]}


class Clock:
    """Rises when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_an_ingress_that_knows_no_page_for_a_moment_changes_nothing(http: Serve) -> None:
    answers = Answers()
    jaegers, at = await http(answers.answer)
    answers.many = answers.single = False
    with pytest.raises(JaegerSilentError, match="it answers 404"):
        await jaegers.journeys(at, IDS)
    answers.many = answers.single = True
    answers.calls.clear()

    assert list((await jaegers.journeys(at, IDS)).journeys) == IDS
    assert answers.calls == [50, 50, 20]


@pytest.mark.parametrize("gone", [(404, "404 page not found"), (200, "<!doctype html>")])
async def test_where_many_a_call_are_gone_they_are_tried_again_a_minute_later(
    http: Serve, gone: tuple[int, str]
) -> None:
    answers, clock = Answers(), Clock()
    jaegers, at = await http(answers.answer, now=clock)
    answers.many, answers.gone = False, gone
    for seconds, calls in ((0, [50, *[0] * 120]), (59, [0] * 120), (61, [50, *[0] * 120])):
        clock.seconds = seconds
        assert list((await jaegers.journeys(at, IDS)).journeys) == IDS
        assert answers.calls == calls
        answers.calls.clear()

    answers.many = True
    clock.seconds = 122

    assert list((await jaegers.journeys(at, IDS)).journeys) == IDS
    assert answers.calls == [50, 50, 20]


async def test_large_traces_are_got_by_fewer_a_call(http: Serve) -> None:
    answers = Answers(size=MOST_BYTES // 20)
    jaegers, at = await http(answers.answer)

    assert list((await jaegers.journeys(at, IDS[:50])).journeys) == IDS[:50]
    assert answers.calls == [50, 25, 12, 13, 25, 12, 13]


async def test_one_large_trace_keeps_the_others_together(http: Serve) -> None:
    answers = Answers(of_1=MOST_BYTES * 9 // 10)
    jaegers, at = await http(answers.answer)

    assert list((await jaegers.journeys(at, IDS)).journeys) == IDS
    assert answers.calls[-2:] == [50, 20]


@pytest.mark.parametrize("many", [True, False])
async def test_a_trace_that_is_too_large_is_unread_and_no_other_is(http: Serve, many: bool) -> None:  # noqa: FBT001
    answers = Answers(of_7=MOST_BYTES)
    jaegers, at = await http(answers.answer)
    answers.many = many

    found = await jaegers.journeys(at, IDS)

    assert list(found.journeys) == [each for each in IDS if each != IDS[6]]
    assert found.unread == {IDS[6]: f"it answers more than {MOST_BYTES} bytes"}
    if many:
        assert answers.calls[-2:] == [50, 20]
        assert len(answers.calls) <= 3 + 2 * 6, "two more for each halving of the fifty that it is among"


@pytest.mark.parametrize("many", [True, False])
async def test_where_many_traces_are_too_large_no_more_of_them_are_told_apart(http: Serve, many: bool) -> None:  # noqa: FBT001
    large = {f"of_{number}": MOST_BYTES for number in range(1, MOST_UNREAD + 1)}
    answers = Answers(**large)
    jaegers, at = await http(answers.answer)
    answers.many = many
    assert list((await jaegers.journeys(at, IDS)).unread) == IDS[:MOST_UNREAD]
    answers.calls.clear()

    answers.size = MOST_BYTES
    with pytest.raises(JaegerSilentError, match=f"of more than {MOST_UNREAD} traces, {IDS[MOST_UNREAD]} among them"):
        await jaegers.journeys(at, IDS)
    assert len(answers.calls) <= 3 * MOST_UNREAD


async def test_a_trace_that_is_too_large_among_many_is_read_where_it_is_not_so_by_itself(http: Serve) -> None:
    answers = Answers(of_7=MOST_BYTES)

    async def answer(request: web.Request) -> web.Response:
        answers.many = len(answers.calls) < 10
        answers.sizes = answers.sizes if answers.many else {}
        return await answers.answer(request)

    jaegers, at = await http(answer)

    found = await jaegers.journeys(at, IDS[:50])
    assert (list(found.journeys), found.unread) == (IDS[:50], {})


async def test_a_page_that_goes_between_two_halves_is_no_trace_that_is_missing(http: Serve) -> None:
    answers = Answers(size=MOST_BYTES // 50)

    async def answer(request: web.Request) -> web.Response:
        answers.many = len(answers.calls) < 2
        return await answers.answer(request)

    jaegers, at = await http(answer)

    assert list((await jaegers.journeys(at, IDS[:50])).journeys) == IDS[:50]
    assert answers.calls == [50, 25, 25, *[0] * 50]


@pytest.mark.parametrize(
    "body", ['{"message": "no Route matched with those values"}', '{"errors": [{"code": 5}]}', "{}"]
)
@pytest.mark.parametrize("page", ["traces", "v3/traces"])
async def test_a_404_of_another_server_says_nothing_of_traces(http: Serve, body: str, page: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        told = request.path == f"/jaeger/api/{page}/{IDS[0]}"
        return web.Response(status=404, text=body if told else "404 page not found")

    jaegers, at = await http(answer)
    for call in (jaegers.journeys(at, IDS[:1]), jaegers.probe(at)):
        with pytest.raises(JaegerSilentError, match="it answers 404"):
            await call
