"""Webhooks over HTTP. The name is resolved once, every address is checked, and one of the checked ones is dialled."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from yarl import URL

from frametrace_operator.hooks.base import HookError
from frametrace_operator.hooks.checked import CheckedResolver, RefusedAddressError, check_literal
from frametrace_operator.hooks.names import Names

__all__ = ["HttpHooks"]

_SECONDS: Final = 10.0
_MOST_SAID: Final = 200


class HttpHooks:
    """`Hooks` over connections of its own, one a call.

    Args:
        allow: networks that may be called though they would be refused, such as this machine's own for a test.
        seconds: for a whole call.
        names: looks hosts up.
    """

    def __init__(self, allow: tuple[str, ...] = (), *, seconds: float = _SECONDS, names: Names | None = None) -> None:
        self._allow, self._names = allow, names or Names()
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def post(self, url: str, body: Mapping[str, Any], *, token: str | None, name: str) -> None:
        """POST a JSON body."""
        place = _place(url)
        headers = {"Content-Type": "application/json", "User-Agent": "frametrace-operator", "Idempotency-Key": name}
        if token is not None:
            headers["Authorization"] = f"Bearer {_sendable(token)}"
        try:
            check_literal(URL(url), self._allow)
            status = await self._post(url, json.dumps(body).encode(), headers)
        except TimeoutError:
            raise HookError(f"{place} gave no answer in {self._timeout.total:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise HookError(f"{place} cannot be called: {_reason(error)}") from None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            hint = "; redirects are not followed" if status < HTTPStatus.BAD_REQUEST else ""
            raise HookError(f"{place} answered {status}{hint}")

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        resolver = CheckedResolver(self._allow, self._names)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status


def _place(url: str) -> str:
    """Scheme, host and port: what may be told of a URL, whose path and query may hold a secret."""
    try:
        parts = URL(url)
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.host}:{parts.port}"


def _sendable(token: str) -> str:
    """The token as it may stand in a header.

    Raises:
        HookError: without the token.
    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise HookError("the Secret's value is no bearer token: it must be printable ASCII in one line")
    return token


def _reason(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, RefusedAddressError):
        return str(cause)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror[:_MOST_SAID]
    return type(cause).__name__
