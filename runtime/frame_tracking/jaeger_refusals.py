"""What Jaeger's query API says when it gives no traces: that there are none, or why it will not. Pure.

Source of the shapes: `/api/traces` answers `{"data": null, "errors": [{"code", "msg"}]}`, `/api/v3/traces` answers
`{"error": {"httpCode", "message"}}`. Whatever answers otherwise is no Jaeger, or something that stands before one.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from frame_tracking.redaction import without_url_users

__all__ = ["is_nothing_found", "is_too_much", "is_unwritable", "told"]

_LONGEST: Final = 300
_DEPTH: Final = "search depth"
_UNWRITABLE: Final = "json: unsupported value"
_LOGIN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def is_nothing_found(status: int, answer: Any) -> bool:
    """Tell whether Jaeger says that it has no such trace: another server's 404 says nothing of traces."""
    code, message = _error_of(answer)
    return status == HTTPStatus.NOT_FOUND and code == HTTPStatus.NOT_FOUND and bool(message)


def is_too_much(answer: Any) -> bool:
    """Tell whether Jaeger says that it has not room for as many traces as were asked for: with memory storage."""
    return _DEPTH in _error_of(answer)[1]


def is_unwritable(answer: Any) -> bool:
    """Tell whether Jaeger says that it can make no JSON of what it found: somebody's attribute is NaN, say. Its v3 API can."""
    return _UNWRITABLE in _error_of(answer)[1]


def told(status: int, answer: Any) -> str:
    """Return how a sentence that begins with an answer's status goes on: with Jaeger's own words, if they are its."""
    _, message = _error_of(answer)
    if message:
        return f": {without_url_users(message)}"
    if status in _LOGIN:
        return ", and not as Jaeger's query API does: something before it wants a login, or another one"
    return ", and not as Jaeger's query API does; is that its query port (16686)?"


def _error_of(answer: Any) -> tuple[Any, str]:
    """Return the code and the text of an error of Jaeger's; no text, if it is none."""
    if not isinstance(answer, dict):
        return None, ""
    errors, error = answer.get("errors"), answer.get("error")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return errors[0].get("code"), _line(errors[0].get("msg"))
    if isinstance(error, dict) and "httpCode" in error:
        return error["httpCode"], _line(error.get("message"))
    return None, ""


def _line(text: Any) -> str:
    return " ".join(text.split())[:_LONGEST] if isinstance(text, str) else ""
