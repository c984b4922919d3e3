"""What leaves of spans that a user's own code made: texts that OTLP can carry, exceptions without credentials.

The stock exporter loses a whole batch, other frames' spans among it, for one name that UTF-8 cannot encode; and the SDK
records exceptions that pass a span with every word of their messages.
"""

from __future__ import annotations

from typing import Final

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from telemetry.redaction import presentable

__all__ = ["presentable_span"]

_LONGEST_NAME: Final = 256
_LONGEST_VALUE: Final = 16_384


def presentable_span(span: ReadableSpan) -> ReadableSpan:
    """Return `span` itself if it has neither events nor an unusual name nor a status text; else a clean copy of it."""
    plain = span.name.isascii() and len(span.name) <= _LONGEST_NAME
    if plain and not span.events and span.status.description is None:
        return span
    told = span.status.description
    return ReadableSpan(
        name=presentable(span.name, _LONGEST_NAME),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[_event(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=span.status if told is None else Status(span.status.status_code, presentable(told)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _event(event: Event) -> Event:
    given = event.attributes or {}
    clean = {key: presentable(v, _LONGEST_VALUE) if isinstance(v, str) else v for key, v in given.items()}
    return Event(presentable(event.name, _LONGEST_NAME), clean, event.timestamp)
