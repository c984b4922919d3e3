"""Jaegers over HTTP, with bounds on time, size, calls at once and redirects: an external one is anybody's server.

Traces are got by many IDs a call from `/api/traces`; where that is gone, after v2.20, one by one from `/api/traces/{id}`.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver
from frame_tracking import InvalidTraceError, Journey, journeys_from_otlp
from pydantic_core import from_json
from yarl import URL

from frametrace_operator.guard.jaeger.base import JaegerAt, JaegerSilentError, JaegerUnresolvedError, Taken
from frametrace_operator.guard.jaeger.metrics import read_taken
from frametrace_operator.hooks.checked import RefusedAddressError, check_literal

__all__ = ["KEPT_SECONDS", "HttpJaegers", "kept_connections"]

KEPT_SECONDS: Final = 1.0

_A_CALL: Final = 50
_CHUNK: Final = 1 << 16
_PROBE_SECONDS: Final = 4.0
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
        session: makes the requests.
        seconds: the longest time for one request; a probe takes four at most, so that it is over before the next.
        most_bytes: of one answer.
        at_once: requests to all Jaegers together, probes apart; a quarter of them to any one, so that no slow one keeps the
            others from being asked.
        allow: networks that may be asked though they would be refused, such as this machine's own for a test.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        seconds: float = 10.0,
        most_bytes: int = 1 << 23,
        at_once: int = 16,
        allow: tuple[str, ...] = (),
    ) -> None:
        self._session, self._most = session, most_bytes
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._probe_timeout = aiohttp.ClientTimeout(total=min(_PROBE_SECONDS, seconds))
        self._slots = asyncio.Semaphore(at_once)
        self._each = max(1, at_once // 4)
        self._slots_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._allow = allow
        self._one_by_one: set[str] = set()

    async def journeys(self, at: JaegerAt, trace_ids: Collection[str]) -> dict[str, Journey]:
        """The journeys that it has of these traces, by trace ID."""
        wanted = list(dict.fromkeys(trace_ids))
        found: dict[str, Journey] = {}
        for first in range(0, len(wanted), _A_CALL):
            for journey in await self._some(at, wanted[first : first + _A_CALL]):
                found[journey.trace_id] = journey
        return {trace_id: found[trace_id] for trace_id in wanted if trace_id in found}

    async def probe(self, at: JaegerAt) -> None:
        """Ask for a trace that there cannot be."""
        await self._one(at, _NO_TRACE, self._probe_timeout)

    async def taken(self, at: JaegerAt) -> Taken:
        """What it took since it started, by its own metrics."""
        status, body = await self._get(at.metrics_url, {}, {})
        found = read_taken(body.decode("utf-8", "replace")) if status == HTTPStatus.OK else None
        if found is None:
            raise JaegerSilentError(f"its metrics do not tell the spans that it took (HTTP {status})")
        return found

    async def _some(self, at: JaegerAt, trace_ids: list[str]) -> list[Journey]:
        if at.url not in self._one_by_one:
            query = [("traceID", trace_id) for trace_id in trace_ids]
            status, body = await self._get(f"{at.url.rstrip('/')}/api/traces", query, at.headers)
            answer = _json(body)
            if status == HTTPStatus.OK and isinstance(answer, dict) and "data" in answer:
                return _read(answer["data"] or ())
            if status != HTTPStatus.NOT_FOUND or isinstance(answer, dict):
                raise _odd(status)
            self._one_by_one.add(at.url)
        return [journey for trace_id in trace_ids for journey in await self._one(at, trace_id)]

    async def _one(self, at: JaegerAt, trace_id: str, within: aiohttp.ClientTimeout | None = None) -> list[Journey]:
        status, body = await self._get(f"{at.url.rstrip('/')}/api/traces/{trace_id}", {}, at.headers, within)
        answer = _json(body)
        if isinstance(answer, dict):
            if status == HTTPStatus.NOT_FOUND:
                return []
            if status == HTTPStatus.OK and "data" in answer:
                return _read(answer["data"] or ())
        if status == HTTPStatus.NOT_FOUND:
            return await self._one_v3(at, trace_id)
        raise _odd(status)

    async def _one_v3(self, at: JaegerAt, trace_id: str) -> list[Journey]:
        """As Jaeger's published definition of its third API has it."""
        status, body = await self._get(f"{at.url.rstrip('/')}/api/v3/traces/{trace_id}", {}, at.headers)
        answer = _json(body)
        if status == HTTPStatus.NOT_FOUND and isinstance(answer, dict):
            return []
        if status != HTTPStatus.OK or not isinstance(answer, dict):
            raise _odd(status)
        try:
            return list(journeys_from_otlp((answer.get("result") or {},)))
        except (InvalidTraceError, AttributeError, TypeError, ValueError):
            raise _odd(status) from None

    async def _get(
        self,
        url: str,
        query: Mapping[str, str] | list[tuple[str, str]],
        headers: Mapping[str, str],
        within: aiohttp.ClientTimeout | None = None,
    ) -> tuple[int, bytes]:
        """An answer's status and body."""
        place = URL(url)
        own = self._slots_of.setdefault(place.authority, asyncio.Semaphore(self._each))
        try:
            check_literal(place, self._allow)
            if (
                within is not None
            ):  # a probe: it waits for nobody, and there is one a Jaeger every few seconds: none is kept open for it
                return await self._answer(place, query, {**headers, "Connection": "close"}, within)
            async with own, self._slots:
                return await self._answer(place, query, headers, self._timeout)
        except RefusedAddressError as error:
            raise JaegerSilentError(str(error)) from None
        except TimeoutError:
            raise JaegerSilentError("no answer in time") from None
        except aiohttp.ClientConnectorDNSError as error:
            if isinstance(error.os_error, RefusedAddressError):
                raise JaegerSilentError(str(error.os_error)) from None
            raise JaegerUnresolvedError("its name cannot be resolved here") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise JaegerSilentError(f"no answer ({type(error).__name__})") from None  # its text may have credentials

    async def _answer(
        self,
        url: URL,
        query: Mapping[str, str] | list[tuple[str, str]],
        headers: Mapping[str, str],
        within: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        async with self._session.get(
            url, params=query, headers=headers, timeout=within, allow_redirects=False
        ) as answer:
            body = bytearray()
            async for chunk in answer.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > self._most:
                    raise JaegerSilentError(f"it answers more than {self._most} bytes")
            return answer.status, bytes(body)


def _json(body: bytes) -> Any:
    try:
        return from_json(body)  # takes two thirds of json's time, and this is a tenth of what the guard costs
    except ValueError:
        return None


def _read(traces: Iterable[Any]) -> list[Journey]:
    try:
        return [Journey.from_jaeger(trace) for trace in traces]
    except (InvalidTraceError, TypeError):
        raise _odd(HTTPStatus.OK) from None


def _odd(status: int) -> JaegerSilentError:
    return JaegerSilentError(f"it answers {int(status)}, and not as Jaeger's query API does")
