"""Calls to Jaegers, with bounds on time, size, calls at once and redirects: an external one is anybody's server."""

import asyncio
from collections.abc import Mapping
from typing import Final
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from frametrace_operator.guard.jaeger.base import JaegerSilentError, JaegerUnresolvedError
from frametrace_operator.hooks.checked import RefusedAddressError, check_literal

__all__ = ["Calls", "Query", "TooLargeError"]

Query = Mapping[str, str] | list[tuple[str, str]]

_CHUNK: Final = 1 << 16
_PROBE_SECONDS: Final = 4.0


class TooLargeError(JaegerSilentError):
    """An answer is larger than is read; one for less may not be."""


class Calls:
    """Makes requests, over a client session that stays the caller's to close.

    Args:
        session: makes them.
        seconds: the longest time for one; a probe takes four at most, so that it is over before the next.
        most_bytes: of one answer.
        at_once: to all Jaegers together, probes apart; a quarter of them to any one, so that no slow one keeps the others from
            being asked.
        allow: networks that may be asked though they would be refused, such as this machine's own for a test.
    """

    def __init__(
        self, session: aiohttp.ClientSession, seconds: float, most_bytes: int, at_once: int, allow: tuple[str, ...]
    ) -> None:
        self._session, self._most, self._allow = session, most_bytes, allow
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._probe_timeout = aiohttp.ClientTimeout(total=min(_PROBE_SECONDS, seconds))
        self._slots = asyncio.Semaphore(at_once)
        self._each = max(1, at_once // 4)
        self._slots_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def get(
        self, url: str, query: Query, headers: Mapping[str, str], *, probe: bool = False
    ) -> tuple[int, bytes]:
        """An answer's status and body.

        Raises:
            JaegerSilentError: if there is none within the bounds.
            TooLargeError: if it is larger.
        """
        place = URL(url)
        own = self._slots_of.setdefault(place.authority, asyncio.Semaphore(self._each))
        try:
            check_literal(place, self._allow)
            if probe:  # it waits for nobody, and there is one a Jaeger every few seconds: none is kept open for it
                return await self._answer(place, query, {**headers, "Connection": "close"}, self._probe_timeout)
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
        self, url: URL, query: Query, headers: Mapping[str, str], within: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        async with self._session.get(
            url, params=query, headers=headers, timeout=within, allow_redirects=False
        ) as answer:
            body = bytearray()
            async for chunk in answer.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > self._most:
                    raise TooLargeError(f"it answers more than {self._most} bytes")
            return answer.status, bytes(body)
