"""What every reader of ledgers does alike: the one in memory and the one over HTTP; and what only HTTP can get wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from frame_tracking import HopCount, Ledger, LedgerBucket, LedgerWindow
from frametrace_operator.pods.base import Asked, Ledgers, LedgerUnreadableError, Target
from frametrace_operator.pods.memory import MemoryLedgers
from frametrace_operator.pods.real import HttpLedgers

from tests.contract.operator.serving import Handler, ports

HOP = HopCount(camera="cam01", hop="capture", session="aaaaa", entered=5, left=4, ended={"dropped:overflow": 1})
LEDGER = Ledger(pipeline="yard", service="rtsp-capture", pod="p", revision="r", started=1.0, hops=(HOP,))
HERE = Target("p", "u", "127.0.0.1")
NOWHERE = Target("q", "v", "127.0.0.2")


@pytest.fixture
async def http() -> AsyncIterator[Callable[[Handler], Awaitable[HttpLedgers]]]:
    async with aiohttp.ClientSession() as session, ports("/ledger") as port_of:

        async def reader(handler: Handler) -> HttpLedgers:
            return HttpLedgers(session, port=await port_of(handler), seconds=0.5, most_bytes=1000)

        yield reader


@pytest.fixture(params=["memory", "http"])
async def ledgers(request: pytest.FixtureRequest, http: Callable[[Handler], Awaitable[HttpLedgers]]) -> Ledgers:
    if request.param == "memory":
        memory = MemoryLedgers()
        memory.put(HERE.ip, LEDGER)
        return memory

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=LEDGER.model_dump_json())

    return await http(answer)


async def test_a_ledger_is_read_whole(ledgers: Ledgers) -> None:
    assert await ledgers.read(HERE) == LEDGER


async def test_a_range_is_asked_for_and_answered(http: Callable[[Handler], Awaitable[HttpLedgers]]) -> None:
    def window(asked: Asked) -> LedgerWindow:
        bucket = LedgerBucket(camera="cam01", hop="capture", session="aaaaa", start=asked.start, traced=asked.frames)
        return LedgerWindow(start=asked.start, end=asked.end, buckets=(bucket,))

    async def answer(request: web.Request) -> web.Response:
        asked = Asked(*(int(request.query[name]) for name in ("from", "until", "frames")))
        return web.Response(text=LEDGER.model_copy(update={"window": window(asked)}).model_dump_json())

    memory = MemoryLedgers()
    memory.put(HERE.ip, LEDGER)
    memory.answer_windows(HERE.ip, window)

    read = [await reader.read(HERE, Asked(5, 10, 7)) for reader in (memory, await http(answer))]

    assert read[0] == read[1]
    assert read[0].window == window(Asked(5, 10, 7))


async def test_a_pod_that_is_not_there_is_unreadable_with_a_reason(ledgers: Ledgers) -> None:
    with pytest.raises(LedgerUnreadableError, match=r".+"):
        await ledgers.read(NOWHERE)


async def never(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def drip(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b" " * 400)


async def elsewhere(_request: web.Request) -> web.Response:
    raise web.HTTPFound("http://169.254.169.254/")


async def nonsense(_request: web.Request) -> web.Response:
    return web.Response(text='{"pipeline": 1}')


async def broken(_request: web.Request) -> web.Response:
    return web.Response(status=500, text="no")


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (never, "no answer in time"),
        (drip, "its answer is longer than 1000 bytes"),
        (elsewhere, "its answer is HTTP 302"),
        (nonsense, "its answer is no ledger"),
        (broken, "its answer is HTTP 500"),
    ],
)
async def test_a_pod_that_misbehaves_is_unreadable(
    http: Callable[[Handler], Awaitable[HttpLedgers]], handler: Handler, why: str
) -> None:
    reader = await http(handler)
    with pytest.raises(LedgerUnreadableError, match=why):
        await reader.read(HERE)
