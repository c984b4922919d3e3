"""Traces of which a Jaeger's older API can make no JSON, as somebody's attribute is NaN: how the guard gets them, in how many calls."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from aiohttp import web
from frametrace_operator.guard.jaeger.base import MOST_UNREAD, JaegerSilentError

from tests.contract.operator.serving import MOST_BYTES, Serve

pytestmark = pytest.mark.contract

IDS = [f"{number:032x}" for number in range(1, 121)]
SAYS = "failed writing HTTP response: failed marshalling HTTP response to JSON: json: unsupported value: NaN"
NO_JSON = {"data": None, "errors": [{"code": 500, "msg": SAYS}]}
TOLD_APART = 5


class Answers:
    """A Jaeger's, some of whose traces its older API can make no JSON of.

    Attributes:
        odd: IDs of those traces.
        many: whether there is a page for many IDs.
        newer: what the v3 API answers instead of traces, if anything.
        calls: how many IDs each call was for; 0 for one by ID, and -1 for one by v3.
    """

    def __init__(self, odd: Collection[str]) -> None:
        self.odd = odd
        self.many = True
        self.newer: tuple[int, str] | None = None
        self.calls: list[int] = []

    async def answer(self, request: web.Request) -> web.Response:
        kind, _, trace_id = request.path.removeprefix("/jaeger/api/").rpartition("/")
        wanted = request.query.getall("traceID", [])
        self.calls.append(-1 if kind == "v3/traces" else len(wanted))
        if kind == "v3/traces":
            return self._by_v3(trace_id)
        if wanted and not self.many:
            return web.Response(status=404, text="404 page not found")
        asked = wanted or [trace_id]
        if any(each in self.odd for each in asked):
            return web.json_response(NO_JSON, status=500)
        return web.json_response({"data": [{"traceID": each, "spans": [], "processes": {}} for each in asked]})

    def _by_v3(self, trace_id: str) -> web.Response:
        if self.newer is not None:
            return web.Response(status=self.newer[0], text=self.newer[1])
        score: dict[str, Any] = {"key": "score", "value": {"doubleValue": "NaN"}}
        span = {"traceId": trace_id, "spanId": "1" * 16, "name": "score", "attributes": [score]}
        return web.json_response({"result": {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}})


@pytest.mark.parametrize("place", [0, 6, 49])
@pytest.mark.parametrize("many", [True, False])
async def test_such_a_trace_is_got_by_the_newer_api_and_no_other_is(http: Serve, many: bool, place: int) -> None:  # noqa: FBT001
    answers = Answers(IDS[place : place + 1])
    answers.many = many
    jaegers, at = await http(answers.answer)

    found = await jaegers.journeys(at, IDS)

    assert (list(found.journeys), found.unread) == (IDS, {})
    assert [span.name for span in found.journeys[IDS[place]].spans] == ["score"]
    assert answers.calls.count(-1) == 1
    if many:
        assert answers.calls[-2:] == [50, 20]
        assert len(answers.calls) <= 14 + 2


@pytest.mark.parametrize("every", [1, 2, 7])
@pytest.mark.parametrize("many", [True, False])
async def test_where_many_are_such_the_rest_is_got_by_one_call_each(http: Serve, every: int, many: bool) -> None:  # noqa: FBT001
    answers = Answers(IDS[::every])
    answers.many = many
    jaegers, at = await http(answers.answer)

    found = await jaegers.journeys(at, IDS)

    assert (list(found.journeys), found.unread) == (IDS, {})
    assert len(answers.calls) <= 14 * TOLD_APART + len(IDS)

    answers.odd = ()
    if many:
        answers.calls.clear()
        assert list((await jaegers.journeys(at, IDS)).journeys) == IDS
        assert answers.calls == [50, 50, 20], "the next question is as any other"


@pytest.mark.parametrize(
    ("newer", "why"),
    [
        ((404, "404 page not found"), "it answers 404, and not as Jaeger's query API does"),
        ((200, "<!doctype html>"), "it answers 200, and not as Jaeger's query API does"),
        (
            (500, '{"error": {"httpCode": 500, "message": "boom"}}'),
            "it answers 500, and not as Jaeger's query API does",
        ),
        ((200, "x" * (MOST_BYTES + 1)), f"it answers more than {MOST_BYTES} bytes"),
    ],
)
@pytest.mark.parametrize("many", [True, False])
async def test_one_that_the_newer_api_cannot_give_either_is_unread(
    http: Serve,
    many: bool,  # noqa: FBT001
    newer: tuple[int, str],
    why: str,
) -> None:
    answers = Answers(IDS[6:7])
    answers.many, answers.newer = many, newer
    jaegers, at = await http(answers.answer)

    found = await jaegers.journeys(at, IDS)

    assert list(found.journeys) == [each for each in IDS if each != IDS[6]]
    assert found.unread == {IDS[6]: f"it can make no JSON of it, and by its v3 API {why}"}


async def test_more_than_a_few_that_cannot_be_got_at_all_are_a_silent_jaeger(http: Serve) -> None:
    answers = Answers(IDS[:MOST_UNREAD])
    answers.newer = 404, "404 page not found"
    jaegers, at = await http(answers.answer)
    assert list((await jaegers.journeys(at, IDS)).unread) == IDS[:MOST_UNREAD]

    answers.odd = IDS
    with pytest.raises(JaegerSilentError, match=f"of more than {MOST_UNREAD} traces, {IDS[MOST_UNREAD]} among them"):
        await jaegers.journeys(at, IDS)


async def test_one_that_is_gone_meanwhile_is_not_there(http: Serve) -> None:
    answers = Answers(IDS[6:7])
    answers.newer = 404, '{"error": {"httpCode": 404, "message": "No traces found"}}'
    jaegers, at = await http(answers.answer)

    assert (await jaegers.journeys(at, IDS)).there == {each for each in IDS if each != IDS[6]}


async def test_a_jaeger_that_falls_silent_meanwhile_is_silent(http: Serve) -> None:
    answers = Answers(IDS[6:7])

    async def answer(request: web.Request) -> web.Response:
        if "/v3/" in request.path and request.transport is not None:
            request.transport.close()
        return await answers.answer(request)

    jaegers, at = await http(answer)

    with pytest.raises(JaegerSilentError, match=r"^no answer \("):
        await jaegers.journeys(at, IDS)
