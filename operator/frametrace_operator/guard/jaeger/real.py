"""Jaegers over HTTP.

Traces are got by many IDs a call from `/api/traces`, by fewer where they are large, and one that is too large by itself stays
unread. Where that is gone, after v2.20, they are got one by one from `/api/traces/{id}`, which takes so much longer that the other way is
tried again from time to time: what stands before a Jaeger may have answered in its place.
"""

import time
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from frame_tracking import Journey

from frametrace_operator.guard.jaeger.answers import read_many, read_one, read_one_v3
from frametrace_operator.guard.jaeger.base import MOST_UNREAD, Found, JaegerAt, JaegerSilentError, Taken
from frametrace_operator.guard.jaeger.calls import Calls, TooLargeError
from frametrace_operator.guard.jaeger.metrics import read_taken

__all__ = ["KEPT_SECONDS", "HttpJaegers", "kept_connections"]

KEPT_SECONDS: Final = 1.0

_A_CALL: Final = 50
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


class _Unread(dict[str, str]):
    """Why traces of one question could not be read, by trace ID: a few, or the question is given up."""

    def add(self, trace_id: str, error: TooLargeError) -> None:
        self[trace_id] = str(error)
        if len(self) > MOST_UNREAD:
            raise JaegerSilentError(f"of more than {MOST_UNREAD} traces, {trace_id} among them, each alone {error}")


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
        """The journeys that it has of these traces, and which of them are too large to be read."""
        wanted = list(dict.fromkeys(trace_ids))
        found: dict[str, Journey] = {}
        unread = _Unread()
        for first in range(0, len(wanted), _A_CALL):
            for journey in await self._some(at, wanted[first : first + _A_CALL], unread):
                found[journey.trace_id] = journey
        return Found(
            {trace_id: found[trace_id] for trace_id in wanted if trace_id in found},
            {trace_id: why for trace_id, why in unread.items() if trace_id not in found},
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

    async def _some(self, at: JaegerAt, trace_ids: list[str], unread: _Unread) -> list[Journey]:
        tries = self._now() >= self._one_by_one.get(at.url, _NEVER)
        if tries:
            many = await self._many(at, trace_ids, unread)
            if many is not None:
                return many
        found = [journey for trace_id in trace_ids for journey in await self._alone(at, trace_id, unread)]
        if tries:  # not before it has answered so, as a Jaeger does
            self._one_by_one[at.url] = self._now() + _AGAIN_SECONDS
        return found

    async def _many(self, at: JaegerAt, trace_ids: list[str], unread: _Unread) -> list[Journey] | None:
        """By one call, or each half apart where that answers too much; None where there is no such page."""
        query = [("traceID", trace_id) for trace_id in trace_ids]
        try:
            return read_many(*await self._calls.get(_url(at, "/api/traces"), query, at.headers))
        except TooLargeError as error:
            if len(trace_ids) == 1:
                unread.add(trace_ids[0], error)
                return []
        half = len(trace_ids) // 2
        first = await self._many(at, trace_ids[:half], unread)
        second = await self._many(at, trace_ids[half:], unread)
        return None if first is None or second is None else first + second

    async def _alone(self, at: JaegerAt, trace_id: str, unread: _Unread) -> list[Journey]:
        try:
            return await self._one(at, trace_id)
        except TooLargeError as error:
            unread.add(trace_id, error)
            return []

    async def _one(self, at: JaegerAt, trace_id: str, *, probe: bool = False) -> list[Journey]:
        path = f"traces/{trace_id}"
        one = read_one(*await self._calls.get(_url(at, f"/api/{path}"), {}, at.headers, probe=probe))
        if one is not None:
            return one
        return read_one_v3(*await self._calls.get(_url(at, f"/api/v3/{path}"), {}, at.headers, probe=probe))


def _url(at: JaegerAt, path: str) -> str:
    return at.url.rstrip("/") + path
