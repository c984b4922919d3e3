"""Waits for a cluster to get somewhere, telling people what it waits for whenever that changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scripts.cluster.console import say
from scripts.cluster.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["wait_for"]

_PAUSE_SECONDS = 0.5


def wait_for(step: str, look: Callable[[], tuple[T | None, str]], *, seconds: float, log: Path | None = None) -> T:
    """Call ``look`` until it returns a value; its second answer says why there is none yet.

    Raises:
        ClusterError: there was none after ``seconds``; the error quotes the last reason and names ``log``.
    """
    deadline = time.monotonic() + seconds
    told = ""
    while True:
        value, reason = look()
        if value is not None:
            return value
        if time.monotonic() > deadline:
            raise ClusterError(step, f"not after {seconds:.0f} s: {reason}", log)
        if reason != told:
            say(f"  … {reason}")
            told = reason
        time.sleep(_PAUSE_SECONDS)
