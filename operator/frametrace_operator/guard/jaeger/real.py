"""Jaegers over HTTP.

Traces are got by many IDs a call from `/api/traces`, by fewer where they are large, and one that is too large by itself stays
unread. One of which no JSON can be made there, which makes the whole call fail, is got from `/api/v3/traces/{id}`: at most 14
calls for each of the first five of a question, and from then on one call a trace. Where `/api/traces` is gone, after v2.20,
they are got one by one from `/api/traces/{id}`, which takes so much longer that the other way is tried again from time to
time: what stands before a Jaeger may have answered in its place.
"""

import time
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from frame_tracking import Journey

from frametrace_operator.guard.jaeger.answers import OddAnswerError, UnwritableError, read_many, read_one, read_one_v3
from frametrace_operator.guard.jaeger.base import Found, JaegerAt, JaegerSilentError, Taken
from frametrace_operator.guard.jaeger.calls import Calls, TooLargeError
from frametrace_operator.guard.jaeger.metrics import read_taken
from frametrace_operator.guard.jaeger.question import Question

__all__ = ["KEPT_SECONDS", "HttpJaegers", "kept_connections"]

KEPT_SECONDS: Final = 1.0

_A_CALL: Final = 50
_FEW: Final = 4
"""Traces that are got one by one where one of them can only be got so: to halve them on would take as many calls."""
_AGAIN_SECONDS: Final = 60.0
_NEVER: Final = float("-inf")
_NO_TRACE: Final = "0" * 31 + "1"
"""An ID that no frame has: its time would be 1970."""


def kept_connections(resolver: AbstractResolver | None = None) -> aiohttp.TCPConnector:
    """Connections that serve the many calls of one look, and are closed soon after.

    A look is up to 80 calls, one after the other. But each of a thousand pipelines may have a Jaeger of its own, and is looked
    at once a window: connections that were kept until the next one would take more memory than all the rest of the operator.
    """
    return aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS, use_dns_cache=False, resolver=resolver)


class HttpJaegers:
    """`Jaegers` over a client session, which stays the caller's to close.

    Args:
        now: seconds of a clock that only rises; for the others see `Calls`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        seconds: float = 10.0,
        most_bytes: int = 1 << 23,
        at_once: int = 16,
        allow: tuple[str, ...] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = Calls(session, seconds, most_bytes, at_once, allow)
        self._now = now
        self._one_by_one: dict[str, float] = {}  # by URL, and until when

    async def journeys(self, at: JaegerAt, trace_ids: Collection[str]) -> Found:
        """The journeys that it has of these traces, and which of them cannot be read."""
        wanted = list(dict.fromkeys(trace_ids))
        found: dict[str, Journey] = {}
        question = Question()
        for first in range(0, len(wanted), _A_CALL):
            for journey in await self._some(at, wanted[first : first + _A_CALL], question):
                found[journey.trace_id] = journey
        return Found(
            {trace_id: found[trace_id] for trace_id in wanted if trace_id in found},
            {trace_id: why for trace_id, why in question.unread.items() if trace_id not in found},
        )

    async def probe(self, at: JaegerAt) -> None:
        """Ask for a trace that there cannot be."""
        await self._one(at, _NO_TRACE, probe=True)

    async def taken(self, at: JaegerAt) -> Taken:
        """What it took since it started, by its own metrics."""
        status, body = await self._calls.get(at.metrics_url, {}, {})
        found = read_taken(body.decode("utf-8", "replace")) if status == HTTPStatus.OK else None
        if found is None:
            raise JaegerSilentError(f"its metrics do not tell the spans that it took (HTTP {status})")
        return found

    async def _some(self, at: JaegerAt, trace_ids: list[str], question: Question) -> list[Journey]:
        tries = self._now() >= self._one_by_one.get(at.url, _NEVER)
        if tries:
            many = await self._many(at, trace_ids, question)
            if many is not None:
                return many
        found = await self._each(at, trace_ids, question)
        if tries:  # not before it has answered so, as a Jaeger does
            self._one_by_one[at.url] = self._now() + _AGAIN_SECONDS
        return found

    async def _many(self, at: JaegerAt, trace_ids: list[str], question: Question) -> list[Journey] | None:
        """By one call, or each half apart where that answers too much or can make no JSON; None where there is no such page."""
        if question.is_for_v3:
            return await self._each(at, trace_ids, question)
        query = [("traceID", trace_id) for trace_id in trace_ids]
        try:
            return read_many(*await self._calls.get(_url(at, "/api/traces"), query, at.headers))
        except UnwritableError:
            if len(trace_ids) <= _FEW:
                return await self._each(at, trace_ids, question)
        except TooLargeError as error:
            if len(trace_ids) == 1:
                question.leave_unread(trace_ids[0], str(error))
                return []
        half = len(trace_ids) // 2
        first = await self._many(at, trace_ids[:half], question)
        second = await self._many(at, trace_ids[half:], question)
        return None if first is None or second is None else first + second

    async def _each(self, at: JaegerAt, trace_ids: list[str], question: Question) -> list[Journey]:
        return [journey for trace_id in trace_ids for journey in await self._alone(at, trace_id, question)]

    async def _alone(self, at: JaegerAt, trace_id: str, question: Question) -> list[Journey]:
        if question.is_for_v3:
            return await self._by_v3(at, trace_id, question)
        try:
            return await self._one(at, trace_id)
        except UnwritableError as error:
            return await self._by_v3(at, trace_id, question, f"{error}, and ")
        except TooLargeError as error:
            question.leave_unread(trace_id, str(error))
            return []

    async def _by_v3(self, at: JaegerAt, trace_id: str, question: Question, why: str = "") -> list[Journey]:
        """Where only v3 may have it. What that cannot give either is unread, for the Jaeger has it."""
        try:
            found = await self._one_v3(at, trace_id)
        except (OddAnswerError, TooLargeError) as error:
            question.leave_unread(trace_id, f"{why}by its v3 API {error}")
            return []
        question.was_given_by_v3()
        return found

    async def _one(self, at: JaegerAt, trace_id: str, *, probe: bool = False) -> list[Journey]:
        url = _url(at, f"/api/traces/{trace_id}")
        one = read_one(*await self._calls.get(url, {}, at.headers, probe=probe))
        return await self._one_v3(at, trace_id, probe=probe) if one is None else one

    async def _one_v3(self, at: JaegerAt, trace_id: str, *, probe: bool = False) -> list[Journey]:
        url = _url(at, f"/api/v3/traces/{trace_id}")
        return read_one_v3(*await self._calls.get(url, {}, at.headers, probe=probe))


def _url(at: JaegerAt, path: str) -> str:
    return at.url.rstrip("/") + path
