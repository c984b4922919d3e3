"""Waiting for what comes by itself, within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from camera_runtime.transports import BrokerUnavailableError

__all__ = ["eventually", "until"]


def eventually(attempt: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Repeat while the broker is away: it comes back by itself."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except BrokerUnavailableError:
            assert time.monotonic() < deadline, "the transport did not recover"
            time.sleep(0.05)


def until(attempt: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Repeat until something came."""
    deadline = time.monotonic() + seconds
    while not (found := attempt()):
        assert time.monotonic() < deadline, "nothing came"
    return found
