"""Ledgers over HTTP, with bounds on time, size and redirects: a pod may run anybody's image."""

from typing import Final

import aiohttp
from frame_tracking import Ledger
from frametrace_api.contract import HTTP_PORT
from pydantic import ValidationError

from frametrace_operator.pods.base import Asked, LedgerUnreadableError, Target

__all__ = ["HttpLedgers"]

_OK: Final = 200
_LONGER: Final = 8
"""An answer that names frames may be so many times as long."""


class HttpLedgers:
    """`Ledgers` over a client session, which stays the caller's to close."""

    def __init__(
        self, session: aiohttp.ClientSession, *, port: int = HTTP_PORT, seconds: float = 2.0, most_bytes: int = 1 << 20
    ) -> None:
        self._session = session
        self._port = port
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._most = most_bytes

    async def read(self, target: Target, asked: Asked | None = None) -> Ledger:
        """The pod's ledger now, with the range that was asked for."""
        query = f"?from={asked.start}&until={asked.end}&frames={asked.frames}" if asked else ""
        try:
            return Ledger.model_validate_json(
                await self._fetch(target.ip, query, self._most * _LONGER if asked else self._most)
            )
        except TimeoutError:
            raise LedgerUnreadableError("no answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise LedgerUnreadableError(_reason(error)) from None

    async def _fetch(self, ip: str, query: str, most: int) -> bytes:
        host = f"[{ip}]" if ":" in ip else ip
        url = f"http://{host}:{self._port}/ledger{query}"
        async with self._session.get(url, timeout=self._timeout, allow_redirects=False) as answer:
            if answer.status != _OK:
                raise LedgerUnreadableError(f"its answer is HTTP {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > most:
                    raise LedgerUnreadableError(f"its answer is longer than {most} bytes")
            return bytes(body)


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "its answer is no ledger"
    return " ".join(f"{type(error).__name__}: {error}".split())
