"""What a command asks of a port forward."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Forward", "ForwardError", "OpenForward", "Target"]


class ForwardError(Exception):
    """A forward cannot be opened. The text is one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """A port of a Service."""

    namespace: str
    service: str
    port: int


class Forward(Protocol):
    """A forward that stands."""

    port: int
    """Of this machine, on 127.0.0.1."""

    async def ended(self) -> str:
        """Wait until it stands no more; what was said of it last."""


OpenForward = Callable[[Target, int], AbstractAsyncContextManager[Forward]]
"""Opens a forward to a target from a local port (0: a free one); closed on exit. Raises `ForwardError`."""
