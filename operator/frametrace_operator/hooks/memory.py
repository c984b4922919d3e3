"""Webhooks in memory for tests: they answer as they were told, and remember what they were asked."""

from collections.abc import Mapping
from typing import Any

from frametrace_operator.hooks.base import HookError

__all__ = ["MemoryHooks"]


class MemoryHooks:
    """`Hooks`. `calls` lists every call as (URL, body, token, name)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str | None, str]] = []
        self._failures: list[str] = []

    async def post(self, url: str, body: Mapping[str, Any], *, token: str | None, name: str) -> None:
        """Take the call, or fail as was told."""
        self.calls.append((url, dict(body), token, name))
        if self._failures:
            raise HookError(self._failures.pop(0))

    def fail_next(self, *reasons: str) -> None:
        """Let the next calls fail for these reasons, in order."""
        self._failures.extend(reasons)
