"""Retries: which pipelines' passes have failed for a while, so that people are told and not only the log. In memory only.

A moment's trouble is nobody's news: it would be written, and taken back, for each pipeline at once.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from frametrace_operator.errors import RetryError
from frametrace_operator.keys import PipelineKey

__all__ = ["Retries"]

_A_WHILE: Final = timedelta(seconds=10)
_NUMBER: Final = re.compile(r"[0-9a-f]*[0-9][0-9a-f]*")


@dataclass(slots=True)
class _Row:
    since: datetime
    error: RetryError


class Retries:
    """Pipelines whose last passes all failed: since when, and why."""

    def __init__(self) -> None:
        self._rows: dict[PipelineKey, _Row] = {}

    def lasting(self, key: PipelineKey, error: RetryError, now: datetime) -> RetryError | None:
        """A pass failed: what to tell of that, None while it is only passing trouble.

        Words that differ from the last ones by numbers alone, such as ports and times, are no news: those stay.
        """
        row = self._rows.setdefault(key, _Row(now, error))
        if _shape(row.error) != _shape(error):
            row.error = error
        return row.error if now - row.since >= _A_WHILE else None

    def forget(self, key: PipelineKey) -> None:
        """A pass came to its end, or the pipeline is gone."""
        self._rows.pop(key, None)


def _shape(error: RetryError) -> str:
    return _NUMBER.sub("#", str(error))
