"""Session: the cluster and the namespace that one command works with. Values only; who connects is the app's caller's choice."""

import asyncio
import time
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from frametrace_operator.plugin.cluster.base import Cluster
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.forward.base import OpenForward
from frametrace_operator.plugin.forward.real import forward_by_kubectl

__all__ = ["Connect", "Connection", "Session"]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that stands, with time as commands see it: `now` of the wall, `monotonic` and `pause` in seconds.

    `forward` opens a port of this machine that leads to a Service, and `browse` a page in the person's browser.
    """

    cluster: Cluster
    namespace: str
    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    forward: OpenForward = field(default=forward_by_kubectl(Connection()))
    browse: Callable[[str], bool] = webbrowser.open


Connect = Callable[[Connection], AbstractAsyncContextManager[Session]]
"""Opens a session; raises `CommandError` where that cannot be."""
