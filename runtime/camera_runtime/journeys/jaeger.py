"""Jaeger's query API over HTTP: journeys by trace ID, and searches. The runtime's one adapter of it.

A trace is got by its ID from `/api/traces/{id}`, which every version has. Searches go to `/api/traces`, which Jaeger
removes after v2.20, and to `/api/v3/traces` where that is gone. The latter is asked, too, for traces of which the former can
make no JSON. Nothing of requests leaves this module, nor does the
user part of a URL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import requests
import urllib3.exceptions
from frame_tracking import CAPTURE_SERVICE, InvalidTraceError, Journey, JourneySpan, journeys_from_otlp
from frame_tracking.jaeger_refusals import is_nothing_found, is_too_much, is_unwritable, told
from frame_tracking.redaction import without_url_users

from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError

__all__ = ["EARLIEST", "LATEST", "Found", "Jaeger", "Search", "microseconds"]

_LARGEST: Final = 256_000_000
_CHUNK: Final = 1 << 16
EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Times to search between: Jaeger counts nanoseconds in 64 bits."""
_FAILURES: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""What reading from a server can end in; a body that is read piece by piece raises urllib3's own."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for.

    Attributes:
        tags: what one of a trace's spans carries.
        begin: the earliest start, and `end` the latest, in UTC.
        limit: most traces.
        without: traces that have a span of one of these services are passed over, and not read further.
    """

    tags: Mapping[str, str]
    begin: datetime
    end: datetime
    limit: int = 20
    service: str = CAPTURE_SERVICE
    without: frozenset[str] = frozenset()

    def is_for(self, span: JourneySpan) -> bool:
        """Tell whether a span has all that is searched for, but for its time."""
        known = {**span.resource, **span.attributes}
        return span.service == self.service and all(str(known.get(key)) == value for key, value in self.tags.items())


class Found(NamedTuple):
    """What was found: whole traces, in no order, and how many Jaeger gave, those that were passed over among them."""

    journeys: tuple[Journey, ...]
    traces: int


class Jaeger:
    """A Jaeger.

    Args:
        url: of its query port, such as http://localhost:16686.
        timeout_seconds: for each connection and each read.
        answer_seconds: for one whole answer, however slowly it comes.
        largest_bytes: of an answer that is read.
        headers: gives what each request carries beside the usual headers; raises `JaegerUnavailableError` if it cannot.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float = 10.0,
        *,
        answer_seconds: float = 120.0,
        largest_bytes: int = _LARGEST,
        headers: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._url = url.rstrip("/")
        self._largest = largest_bytes
        self._timeout, self._answer_seconds, self._headers = timeout_seconds, answer_seconds, headers
        self._session = requests.Session()
        self.name = without_url_users(self._url)

    def services(self) -> tuple[str, ...]:
        """Return the services that it has spans of.

        Raises:
            JaegerUnavailableError: if it does not answer.
        """
        names = self._data("/api/services", {})
        if not isinstance(names, list | tuple):
            raise self._odd(HTTPStatus.OK)
        return tuple(sorted(str(name) for name in names))

    def journey(self, trace_id: str) -> Journey | None:
        """Return a trace; None if it has no such.

        Raises:
            JaegerUnavailableError: if it does not answer.
        """
        found = self._data(f"/api/traces/{trace_id}", {})
        if found is None:
            return next(iter(self._newer(f"/api/v3/traces/{trace_id}", {})), None)
        return self._read(found)[0] if found else None

    def search(self, search: Search) -> tuple[Journey, ...]:
        """Return traces, whole ones, in no order.

        Raises:
            JaegerUnavailableError: if it does not answer.
        """
        return self.look(search).journeys

    def look(self, search: Search) -> Found:
        """Search, and tell as well how many traces there were before some were passed over.

        Raises:
            JaegerUnavailableError: if it does not answer.
        """
        traces = self._data("/api/traces", _v1(search), gone=True)
        if traces is not None:
            if not isinstance(traces, list | tuple):
                raise self._odd(HTTPStatus.OK, traces)
            wanted = [trace for trace in traces if not search.without & _services(trace)]
            return Found(self._read(wanted), len(traces))
        journeys = self._search_v3(search)
        left = (each for each in journeys if not search.without & {span.service for span in each.spans})
        return Found(tuple(left), len(journeys))

    def _search_v3(self, search: Search) -> tuple[Journey, ...]:
        return self._newer("/api/v3/traces", _v3(search))

    def _newer(self, path: str, query: Mapping[str, str]) -> tuple[Journey, ...]:
        """Return the traces that the v3 API answers."""
        status, answer = self._get(path, query)
        if is_nothing_found(status, answer):
            return ()
        if status != HTTPStatus.OK or not isinstance(answer, dict) or "result" not in answer:
            raise self._odd(status, answer)
        try:
            return journeys_from_otlp((answer["result"] or {},))
        except (InvalidTraceError, AttributeError):
            raise self._odd(status, answer) from None

    def _data(self, path: str, query: Mapping[str, str], *, gone: bool = False) -> Any:
        """Return the `data` of an answer, empty if nothing was found.

        None, if only the newer API may give it: Jaeger can make no JSON of what it found or, with `gone`, there is no such page.
        """
        status, answer = self._get(path, query)
        if is_nothing_found(status, answer):
            return ()
        if isinstance(answer, dict) and status == HTTPStatus.OK and "data" in answer:
            return answer["data"] or ()
        if is_unwritable(answer):
            return None
        if gone and not isinstance(answer, dict) and status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            return None
        raise self._odd(status, answer)

    def _get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """Return an answer's status and its JSON; None if it is no JSON."""
        until = time.monotonic() + self._answer_seconds
        headers = dict(self._headers())
        try:
            with self._session.get(
                self._url + path,
                params=query,
                headers=headers,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                body = bytearray()
                for chunk in _chunks(response):
                    body += chunk
                    if len(body) > self._largest:
                        raise AnswerTooLargeError(f"Jaeger at {self.name} answered more than {self._largest} bytes")
                    if time.monotonic() > until:
                        raise TimeoutError
        except _FAILURES as error:
            raise JaegerUnavailableError(
                f"Jaeger at {self.name} does not answer ({type(error).__name__}); is that its query port (16686)?"
            ) from None
        try:
            return response.status_code, json.loads(bytes(body))
        except (ValueError, RecursionError):
            return response.status_code, None

    def _read(self, traces: Any) -> tuple[Journey, ...]:
        try:
            return tuple(Journey.from_jaeger(trace) for trace in traces)
        except (InvalidTraceError, TypeError):
            raise self._odd(HTTPStatus.OK) from None

    def _odd(self, status: int, answer: Any = None) -> JaegerUnavailableError:
        kind = AnswerTooLargeError if is_too_much(answer) else JaegerUnavailableError
        return kind(f"{self.name} answered {int(status)}{told(status, answer)}")


def _services(trace: Any) -> set[str]:
    """Names of a trace's services; none, if it has not the shape of one: who reads it says so."""
    processes = trace.get("processes") if isinstance(trace, dict) else None
    known = processes.values() if isinstance(processes, dict) else ()
    return {str(each.get("serviceName")) for each in known if isinstance(each, dict)}


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield an answer's body as it comes: asked for so many bytes, the library would wait for all of them."""
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        yield chunk


def _v1(search: Search) -> dict[str, str]:
    return {
        "service": search.service,
        "tags": json.dumps(dict(search.tags)),
        "start": str(microseconds(search.begin)),
        "end": str(microseconds(search.end)),
        "limit": str(search.limit),
    }


def _v3(search: Search) -> dict[str, str]:
    """Return the query as Jaeger's `query_service.proto` has it; versions before v2.19 overlook the attributes."""
    return {
        "query.service_name": search.service,
        "query.attributes": json.dumps(dict(search.tags)),
        "query.start_time_min": _rfc3339(search.begin),
        "query.start_time_max": _rfc3339(search.end),
        "query.num_traces": str(search.limit),
    }


def microseconds(time: datetime) -> int:
    """Return microseconds since 1970, as Jaeger counts."""
    return round(time.timestamp() * 1_000_000)


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
