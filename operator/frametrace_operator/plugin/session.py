"""Session: the cluster and the namespace that one command works with. Values only; who connects is the app's caller's choice."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from frametrace_operator.plugin.cluster.base import Cluster

__all__ = ["Connect", "Connection", "Session"]


@dataclass(frozen=True, slots=True)
class Connection:
    """Which cluster and namespace a person wants; empty: what the kubeconfig's current context says."""

    namespace: str = ""
    context: str = ""
    kubeconfig: Path | None = None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that stands, with time as commands see it: `now` of the wall, `monotonic` and `pause` in seconds."""

    cluster: Cluster
    namespace: str
    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


Connect = Callable[[Connection], AbstractAsyncContextManager[Session]]
"""Opens a session; raises `CommandError` where that cannot be."""
