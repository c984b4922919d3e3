"""Checks where the operator connects to for a custom resource's sake: the name is resolved once, and every address is looked at."""

import socket
from collections.abc import Iterable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frametrace_operator.hooks.addresses import refusal

__all__ = ["CheckedResolver", "RefusedAddressError", "check_literal"]


class CheckedResolver(AbstractResolver):
    """Resolves as the system does, and gives addresses only if all of them may be called."""

    def __init__(self, allow: tuple[str, ...] = ()) -> None:
        self._allow = allow
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            RefusedAddressError: if one of them must not be called.
        """
        found = await self._system.resolve(host, port, family)
        _check([each["host"] for each in found], self._allow)
        return found

    async def close(self) -> None:
        """End it."""
        await self._system.close()


class RefusedAddressError(OSError):
    """An address that must not be called."""


def _check(addresses: Iterable[str], allow: tuple[str, ...]) -> None:
    for address in addresses:
        why = refusal(address, allow)
        if why:
            raise RefusedAddressError(f"its address is {why}, which is refused")


def check_literal(url: URL, allow: tuple[str, ...]) -> None:
    """Look at an address that stands in the URL itself, which is dialled without being resolved.

    Raises:
        RefusedAddressError: if it must not be called.
    """
    try:
        _check((url.host or "",), allow)
    except ValueError:
        return  # a name, which the resolver looks at
