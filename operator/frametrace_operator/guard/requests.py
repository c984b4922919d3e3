"""Requests: what a person asks of the guard by annotations, each obeyed once. Pure.

A new value of an annotation is a new request. Of two new ones the later time stamp holds, and the other is done with.
A value that is no RFC 3339 time stamp is refused: conditions say so while it stands there, and an Event once.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from frametrace_api.bounds import MAX_LABEL_VALUE
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.pipeline import Pipeline

__all__ = ["Asked", "Requests", "refused", "requests", "time_stamp"]

_TIME_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_MOST_SHOWN: Final = 40


class Asked(StrEnum):
    """What a person wants."""

    ROLLBACK = "Rollback"
    REENABLE = "Reenable"


@dataclass(frozen=True, slots=True)
class Requests:
    """What is asked for now, and the values that are dealt with when it is done.

    Attributes:
        asked: None if nothing new is.
        rollback: what `handledRollbackRequest` is to be at once: a refused or superseded value, or the one before.
        reenable: the same of `handledReenableRequest`.
        value: the value of the request that is asked for.
    """

    asked: Asked | None
    rollback: str | None
    reenable: str | None
    value: str = ""


def requests(pipeline: Pipeline, status: TracingStatus) -> Requests:
    """Read both annotations."""
    back, again = _value(pipeline, ROLLBACK_TRACING), _value(pipeline, REENABLE_TRACING)
    before_back, before_again = status.handled_rollback_request, status.handled_reenable_request
    back_at = time_stamp(back) if back not in ("", before_back) else None
    again_at = time_stamp(again) if again not in ("", before_again) else None
    done_back, done_again = back or before_back, again or before_again
    if back_at is not None and (again_at is None or back_at >= again_at):
        return Requests(Asked.ROLLBACK, before_back, done_again, back)
    if again_at is not None:
        return Requests(Asked.REENABLE, done_back, before_again, again)
    return Requests(None, done_back, done_again)


def refused(pipeline: Pipeline) -> str:
    """Why an annotation that stands there is not obeyed, a sentence; empty if none is refused."""
    bad = [(name, _value(pipeline, name)) for name in (ROLLBACK_TRACING, REENABLE_TRACING)]
    return "; ".join(
        f"the annotation {name} is refused: {value[:_MOST_SHOWN]!r} is no time stamp such as 2026-03-01T12:00:00Z"
        for name, value in bad
        if value and time_stamp(value) is None
    )


def time_stamp(value: str) -> datetime | None:
    """The time that an RFC 3339 time stamp stands for; None if it is none."""
    if not _TIME_STAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def _value(pipeline: Pipeline, name: str) -> str:
    return str(pipeline.annotations.get(name, ""))[:MAX_LABEL_VALUE]
