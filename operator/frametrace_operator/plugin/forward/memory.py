"""Forwards in memory for tests: each ends with the next of the words that it was given, and the one after the last never."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from frametrace_operator.plugin.forward.base import Forward, ForwardError, Target

__all__ = ["MemoryForwards"]

_FREE_PORT = 40_123


@dataclass(slots=True)
class _Forward:
    port: int
    words: str | None

    async def ended(self) -> str:
        if self.words is None:
            await asyncio.Event().wait()
        return self.words or ""


@dataclass(slots=True)
class MemoryForwards:
    """An `OpenForward`. `asked` lists what was opened, and `open` counts those that stand.

    Attributes:
        ends: what each forward ends with, one after the other.
        refused: why none can be opened; empty: they can.
    """

    ends: list[str] = field(default_factory=list)
    refused: str = ""
    asked: list[tuple[Target, int]] = field(default_factory=list)
    open: int = 0

    @asynccontextmanager
    async def __call__(self, target: Target, port: int) -> AsyncIterator[Forward]:
        """Open one."""
        self.asked.append((target, port))
        if self.refused:
            raise ForwardError(self.refused)
        self.open += 1
        try:
            yield _Forward(port or _FREE_PORT, self.ends.pop(0) if self.ends else None)
        finally:
            self.open -= 1
