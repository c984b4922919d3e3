"""Requests: what a person asks of the guard by annotations, each obeyed once. Pure.

A new value of an annotation is a new request. Of two new ones the later time stamp holds, and the other is done with.
A value that is no RFC 3339 time stamp is refused: conditions say so while it stands there, and an Event once.
"""

from dataclasses import dataclass
from enum import StrEnum

from frametrace_api.bounds import MAX_LABEL_VALUE
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.pipeline import Pipeline
from frametrace_operator.time_stamps import refusal, time_stamp

__all__ = ["Asked", "Requests", "refused", "requests", "time_stamp"]


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
    found = (refusal(name, _value(pipeline, name)) for name in (ROLLBACK_TRACING, REENABLE_TRACING))
    return "; ".join(filter(None, found))


def _value(pipeline: Pipeline, name: str) -> str:
    return str(pipeline.annotations.get(name, ""))[:MAX_LABEL_VALUE]
