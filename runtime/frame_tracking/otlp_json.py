"""Journeys read from OTLP-JSON: what `frametrace run` writes, a line a batch, and what Jaeger's v3 API answers. Pure.

Source of the shape: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and the file exporter's
specification (a `TracesData` object a line). A journey that is read from here is the one that `Journey.from_jaeger`
reads of the same spans: attributes that Jaeger makes of a span's fields have its names.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from frame_tracking.journey import InvalidTraceError, Journey, JourneySpan

__all__ = ["journeys_from_otlp", "spans_from_otlp"]

_KINDS: Final = ("", "internal", "server", "client", "producer", "consumer")
_STATUS: Final = {1: "OK", 2: "ERROR"}
_NANOSECONDS: Final = 1000
_UINT64: Final = 1 << 64
_NOTES: Final = "@jaeger@"
_ID: Final = re.compile(r"[0-9a-f]+")

_Found = tuple[str, JourneySpan]
"""A trace's ID and one of its spans."""


def journeys_from_otlp(batches: Iterable[Mapping[str, Any]]) -> tuple[Journey, ...]:
    """Read the journeys of `TracesData` objects, in the order of their first spans' start.

    Raises:
        InvalidTraceError: if one has another shape.
    """
    return _journeys(span for batch in batches for span in spans_from_otlp(batch))


def spans_from_otlp(batch: Mapping[str, Any]) -> list[tuple[str, JourneySpan]]:
    """Read the spans of one `TracesData` object, each with its trace's ID.

    Raises:
        InvalidTraceError: if it has another shape.
    """
    try:
        return list(_spans(batch))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise InvalidTraceError(f"not traces as OTLP-JSON has them: {error!r}") from None


def _journeys(spans: Iterable[_Found]) -> tuple[Journey, ...]:
    traces: dict[str, list[JourneySpan]] = defaultdict(list)
    for trace_id, span in spans:
        traces[trace_id].append(span)
    found = (Journey.of(trace_id, inside) for trace_id, inside in traces.items())
    return tuple(sorted(found, key=lambda journey: (journey.spans[0].start_us, journey.trace_id)))


def _spans(batch: Mapping[str, Any]) -> Iterator[_Found]:
    for of_resource in batch.get("resourceSpans") or ():
        resource = _attributes((of_resource.get("resource") or {}).get("attributes"))
        service = str(resource.pop("service.name", ""))
        for of_scope in of_resource.get("scopeSpans") or ():
            scope = of_scope.get("scope") or {}
            for raw in of_scope.get("spans") or ():
                yield _hex(raw["traceId"], 32), _span(raw, (service, resource), scope)


def _span(raw: Mapping[str, Any], process: tuple[str, dict[str, Any]], scope: Mapping[str, Any]) -> JourneySpan:
    start, end = _time(raw.get("startTimeUnixNano", 0)), _time(raw.get("endTimeUnixNano", 0))
    trace_id, parent = raw["traceId"], raw.get("parentSpanId") or ""
    links = [link for link in raw.get("links") or () if link["traceId"].lower() == trace_id.lower()]
    return JourneySpan(
        span_id=_hex(raw["spanId"], 16),
        parent_id=_hex(parent, 16) if parent.strip("0") else None,
        links=tuple(_hex(link["spanId"], 16) for link in links),
        name=_text(raw.get("name", "")),
        service=process[0],
        start_us=start // _NANOSECONDS,
        duration_us=(end - start) // _NANOSECONDS,
        attributes={**_own(raw.get("attributes")), **_of_fields(raw, scope)},
        resource=process[1],
    )


def _of_fields(raw: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that Jaeger makes of a span's fields."""
    kind, status = _KINDS[_enum(raw.get("kind"), "SPAN_KIND_")], raw.get("status") or {}
    code = _STATUS.get(_enum(status.get("code"), "STATUS_CODE_"), "")
    made: dict[str, Any] = {
        "span.kind": kind,
        "otel.scope.name": scope.get("name") or "",
        "otel.scope.version": scope.get("version") or "",
        "otel.status_code": code,
        "otel.status_description": status.get("message") or "",
        "w3c.tracestate": raw.get("traceState") or "",
    }
    if code == "ERROR":
        made["error"] = True
    return {key: value for key, value in made.items() if value != ""}


_NAMES: Final = {
    "SPAN_KIND_": ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"),
    "STATUS_CODE_": ("UNSET", "OK", "ERROR"),
}


def _enum(value: object, prefix: str) -> int:
    """Read a number or, as some writers have it, a name."""
    if isinstance(value, str) and value.startswith(prefix):
        return _NAMES[prefix].index(value.removeprefix(prefix))
    return 0 if value is None else _integer(value)


def _attributes(listed: object) -> dict[str, Any]:
    if listed is None:
        return {}
    if not isinstance(listed, list):
        raise TypeError(f"{type(listed).__name__} for a list of attributes")
    return {_text(each.get("key", "")): _tag(each.get("value") or {}) for each in listed}


def _own(listed: object) -> dict[str, Any]:
    """Return a span's attributes without the notes that Jaeger's v3 API puts among them."""
    return {key: value for key, value in _attributes(listed).items() if not key.startswith(_NOTES)}


def _tag(value: Mapping[str, Any]) -> Any:
    """Return a value as Jaeger has it: what is no text, number or truth value is a text of JSON."""
    plain = _plain(value)
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False) if isinstance(plain, list | dict) else plain


def _plain(value: Mapping[str, Any]) -> Any:
    if "intValue" in value:
        return _integer(value["intValue"])
    if "doubleValue" in value:
        return float(value["doubleValue"])
    if "arrayValue" in value:
        return [_plain(each) for each in value["arrayValue"].get("values") or ()]
    if "kvlistValue" in value:
        return {
            _text(each.get("key", "")): _plain(each.get("value") or {})
            for each in value["kvlistValue"].get("values") or ()
        }
    return value.get("stringValue", value.get("boolValue", value.get("bytesValue", "")))


def _hex(value: object, digits: int) -> str:
    text = _text(value).lower()
    if len(text) != digits or not _ID.fullmatch(text):
        raise ValueError(f"{text[:digits]!r} is no ID of {digits} hexadecimal digits")
    return text


def _integer(value: object) -> int:
    if type(value) is int or (isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii()):
        return int(value)
    raise TypeError(f"{type(value).__name__} for a whole number")


def _time(value: object) -> int:
    nanoseconds = _integer(value)
    if not 0 <= nanoseconds < _UINT64:
        raise ValueError("a time of more than 64 bits")
    return nanoseconds


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} for a text")
    return value
