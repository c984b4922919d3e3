"""The client's errors in the operator's own terms, without addresses of people's secrets. Must not know who asked."""

import json
from typing import Any, Final

import aiohttp
from kubernetes.aio.client.exceptions import OpenApiException
from kubernetes.aio.dynamic.exceptions import DynamicApiError

from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError, WaitingError
from frametrace_operator.redaction import redacted
from frametrace_operator.retry_after import seconds_of

__all__ = ["FOREIGN_ERRORS", "translated"]

FOREIGN_ERRORS: Final = (OpenApiException, aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""All that the client raises for a request: its own, the transport's, and those of an answer that is no JSON."""

_REFUSED: Final = frozenset({400, 403, 404, 405, 406, 413, 415, 422})
_NAMESPACE_GOES: Final = "NamespaceTerminating"
_LONGEST: Final = 500


def translated(error: BaseException) -> OperatorError:
    """What the error means: a person must act, wait, or try again. The text is one line."""
    if isinstance(error, DynamicApiError) and error.status:
        return _of_status(int(error.status), _answer(error), error)
    text = _line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return RetryError(f"the API server cannot be reached: {text}")


def _of_status(status: int, answer: dict[str, Any], error: DynamicApiError) -> OperatorError:
    message = _line(str(answer.get("message") or error.reason or "no reason given"))
    if any(cause.get("reason") == _NAMESPACE_GOES for cause in (answer.get("details") or {}).get("causes") or ()):
        return WaitingError(f"the namespace is being deleted: {message}", check_after=30)
    if status in _REFUSED:
        return ActionNeededError("ApplyRefused", f"the API server refused it ({status}): {message}")
    return RetryError(
        f"the API server answered {status}: {message}", after=seconds_of((error.headers or {}).get("Retry-After"))
    )


def _answer(error: DynamicApiError) -> dict[str, Any]:
    """The Status object in the body; empty if something in between answered."""
    try:
        answer = json.loads(error.body or "")
    except (TypeError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _line(text: str) -> str:
    return redacted(" ".join(text.split()))[:_LONGEST]
