"""Checks where the operator connects to for a custom resource's sake: the name is resolved once, and every address is looked at."""

import socket
from collections.abc import Iterable
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frametrace_operator.hooks.addresses import refusal
from frametrace_operator.hooks.names import Names

__all__ = ["CheckedResolver", "RefusedAddressError", "check_literal"]

_NUMERIC: Final = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class CheckedResolver(AbstractResolver):
    """Resolves as the system does, and gives addresses only if all of them may be called.

    Args:
        allow: networks that may be called though they would be refused.
        names: looks up; of its own, if it is shared with nobody.
    """

    def __init__(self, allow: tuple[str, ...] = (), names: Names | None = None) -> None:
        self._allow, self._names = allow, names or Names()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            RefusedAddressError: if one of them must not be called.
            socket.gaierror: if it has none, or the DNS is silent.
        """
        found = await self._names.addresses(host, family)
        _check([address for _, _, address in found], self._allow)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=protocol, flags=_NUMERIC)
            for kind, protocol, address in found
        ]

    async def close(self) -> None:
        """Nothing is open."""


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
