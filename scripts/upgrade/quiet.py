"""Whether a fleet has stayed as it is for long enough: pods and templates the same, whatever statuses say meanwhile. Pure."""

from __future__ import annotations

from scripts.upgrade.compare import Snapshot

__all__ = ["Quiet"]


class Quiet:
    """Is shown what is there, again and again.

    Args:
        seconds: for which pods and templates must be the same.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = 0.0
        self._last: Snapshot | None = None

    def held(self, now: float, found: Snapshot) -> bool:
        """Whether nothing has changed for long enough; `now` is in seconds of any clock."""
        last = self._last
        if last is None or (last.pods, last.templates) != (found.pods, found.templates):
            self._since, self._last = now, found
        return now - self._since >= self._seconds
