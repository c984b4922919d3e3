"""Crash loops: a container that ends again and again runs for a while between two of its ends, and is no better then. Pure.

The kubelet waits longer before each start, and shows CrashLoopBackOff only while it waits.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from frametrace_operator.time_stamps import time_stamp

__all__ = ["CRASH_LOOP", "ended_in_loop", "loops_until"]

CRASH_LOOP: Final = "CrashLoopBackOff"

_AT_ONCE: Final = timedelta(seconds=5)
"""The first start after a good life comes at once; a longer wait is a back-off."""
_LONGEST: Final = timedelta(seconds=300)
_GOOD_LIFE: Final = timedelta(seconds=600)
"""Who ran for so long begins without a back-off; what it waited for after it was something else, such as its node."""


def loops_until(container: Mapping[str, Any]) -> datetime | None:
    """Until when a container that runs may still end as it did: until it has run for as long as it had to wait.

    None if it does not run, or did not have to wait.
    """
    running = (container.get("state") or {}).get("running") or {}
    return _until(container, _time(running, "startedAt"))


def ended_in_loop(container: Mapping[str, Any]) -> bool:
    """Whether a container has just ended as it did before; the kubelet will say so in a moment."""
    ended = (container.get("state") or {}).get("terminated") or {}
    until, at = _until(container, _time(ended, "startedAt")), _time(ended, "finishedAt")
    return until is not None and at is not None and at < until


def _until(container: Mapping[str, Any], began: datetime | None) -> datetime | None:
    last = (container.get("lastState") or {}).get("terminated") or {}
    start, end = _time(last, "startedAt"), _time(last, "finishedAt")
    if began is None or start is None or end is None:
        return None
    waited = began - end
    return began + min(waited, _LONGEST) if waited > _AT_ONCE and end - start < _GOOD_LIFE else None


def _time(state: Mapping[str, Any], name: str) -> datetime | None:
    return time_stamp(str(state.get(name) or ""))
