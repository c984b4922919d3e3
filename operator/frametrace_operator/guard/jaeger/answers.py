"""What a Jaeger's query API answers, read strictly: who answers otherwise is none, or something that stands before one. Pure."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from frame_tracking import InvalidTraceError, Journey, journeys_from_otlp
from frame_tracking.jaeger_refusals import is_unwritable
from pydantic_core import from_json

from frametrace_operator.guard.jaeger.base import JaegerSilentError

__all__ = ["OddAnswerError", "UnwritableError", "read_many", "read_one", "read_one_v3"]


class OddAnswerError(JaegerSilentError):
    """It answers, and not as a Jaeger."""


class UnwritableError(JaegerSilentError):
    """It is a Jaeger that can make no JSON of what was asked for: of a trace with somebody's attribute of NaN, say. Its v3 API can."""


def read_many(status: int, body: bytes) -> list[Journey] | None:
    """The journeys that `/api/traces` answers to many IDs; None where there is no such page.

    Raises:
        OddAnswerError: if that is no answer of a Jaeger's.
        UnwritableError: if one of them cannot be answered so.
    """
    answer = _json(body)
    if _has_data(status, answer):
        return _read(answer["data"] or ())
    if is_unwritable(answer):
        raise UnwritableError("it can make no JSON of it")
    if not _is_gone(status, answer):
        raise _odd(status)
    return None


def read_one(status: int, body: bytes) -> list[Journey] | None:
    """The journey that `/api/traces/{id}` answers, none where Jaeger has no such; None where there is no such page.

    Raises:
        OddAnswerError: if that is no answer of a Jaeger's.
        UnwritableError: if it cannot be answered so.
    """
    if status == HTTPStatus.NOT_FOUND and _has_none(_json(body)):
        return []
    return read_many(status, body)


def read_one_v3(status: int, body: bytes) -> list[Journey]:
    """The journey that `/api/v3/traces/{id}` answers, none where Jaeger has no such: as its published definition has it.

    Raises:
        OddAnswerError: if that is no answer of a Jaeger's.
    """
    answer = _json(body)
    if status == HTTPStatus.NOT_FOUND and _has_none(answer):
        return []
    if status != HTTPStatus.OK or not isinstance(answer, dict) or "result" not in answer:
        raise _odd(status)
    try:
        return list(journeys_from_otlp((answer.get("result") or {},)))
    except (InvalidTraceError, AttributeError, TypeError, ValueError):
        raise _odd(status) from None


def _json(body: bytes) -> Any:
    try:
        return from_json(body)  # takes two thirds of json's time, and this is a tenth of what the guard costs
    except ValueError:
        return None


def _has_data(status: int, answer: Any) -> bool:
    return status == HTTPStatus.OK and isinstance(answer, dict) and "data" in answer


def _has_none(answer: Any) -> bool:
    """Whether a 404 is Jaeger's word that it has no such trace: another server's says nothing of traces, and what it hides is not missing."""
    if not isinstance(answer, dict):
        return False
    errors, error = answer.get("errors"), answer.get("error")  # of `/api/traces`, of `/api/v3/traces`
    first = errors[0] if isinstance(errors, list) and errors else None
    return HTTPStatus.NOT_FOUND in (_field(first, "code"), _field(error, "httpCode"))


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _is_gone(status: int, answer: Any) -> bool:
    """Whether there is no such page: in its place Jaeger answers that of its UI, and what stands before one a 404."""
    return status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND} and not isinstance(answer, dict)


def _read(traces: Iterable[Any]) -> list[Journey]:
    try:
        return [Journey.from_jaeger(trace) for trace in traces]
    except (InvalidTraceError, TypeError):
        raise _odd(HTTPStatus.OK) from None


def _odd(status: int) -> OddAnswerError:
    return OddAnswerError(f"it answers {int(status)}, and not as Jaeger's query API does")
