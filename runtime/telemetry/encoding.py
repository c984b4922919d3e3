"""Encodes built-in spans as OTLP protobuf, straight from plain values: what makes tracing every frame cheap. Pure.

A span's bytes decode (`opentelemetry-proto`) to what the stock exporter would send for the same calls; a property test
holds them to it. Source: opentelemetry-proto `trace/v1/trace.proto` and `common/v1/common.proto`; field numbers and
wire types stand here as ready-made tags.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

__all__ = [
    "LOCAL",
    "REMOTE",
    "TIMES_LENGTH",
    "link",
    "message",
    "named",
    "parent_of",
    "span_tag",
    "text",
    "times",
    "trace_of",
    "varint",
]

_BYTE: Final = 0x80
_UINT64: Final = (1 << 64) - 1
_TWO_BYTES: Final = Struct("BB")
_THREE_BYTES: Final = Struct("BBB")
_TIMES: Final = Struct("<BBIBQBQ")
_TRACE_ID, _SPAN_ID, _PARENT_ID = b"\x0a\x10", b"\x12\x08", b"\x22\x08"
_START, _END = 0x39, 0x41
LOCAL: Final = 0x100
"""`SpanFlags`: it is known whether the parent is remote, and it is not."""
REMOTE: Final = 0x300
_LINK: Final = b"\x6a\x21"  # the length, 33: trace ID, span ID and flags
_LINK_FLAGS: Final = b"\x35" + REMOTE.to_bytes(4, "little")


def varint(number: int) -> bytes:
    """Return a non-negative number as protobuf's base-128 varint."""
    if number < _BYTE:
        return _ONE_BYTE[number]
    if number < 1 << 14:
        return _TWO_BYTES.pack(number & 0x7F | _BYTE, number >> 7)
    if number < 1 << 21:
        return _THREE_BYTES.pack(number & 0x7F | _BYTE, number >> 7 & 0x7F | _BYTE, number >> 14)
    low = _THREE_BYTES.pack(number & 0x7F | _BYTE, number >> 7 & 0x7F | _BYTE, number >> 14 & 0x7F | _BYTE)
    return low + varint(number >> 21)


_ONE_BYTE: Final = tuple(bytes((number,)) for number in range(_BYTE))
_SPAN_TAGS: Final = tuple(b"\x12" + varint(length) for length in range(2048))
TIMES_LENGTH: Final = _TIMES.size


def message(tag: bytes, body: bytes) -> bytes:
    """Return a length-delimited field."""
    return tag + varint(len(body)) + body


def trace_of(trace_id: bytes) -> bytes:
    """Return what the spans of one trace begin with; `trace_id` has 16 bytes."""
    return _TRACE_ID + trace_id + _SPAN_ID


def parent_of(span_id: bytes) -> bytes:
    """Return the field `Span.parent_span_id`; `span_id` has 8 bytes."""
    return _PARENT_ID + span_id


def times(start_ns: int, end_ns: int, flags: int) -> bytes:
    """Return a span's flags (`LOCAL` or `REMOTE`), start and end (nanoseconds since 1970)."""
    return _TIMES.pack(0x85, 0x01, flags, _START, start_ns & _UINT64, _END, end_ns & _UINT64)


def span_tag(length: int) -> bytes:
    """Return what stands before a field `ScopeSpans.spans` of so many bytes."""
    return _SPAN_TAGS[length] if length < len(_SPAN_TAGS) else b"\x12" + varint(length)


def text(tag: bytes, value: str) -> bytes:
    """Return a string field; what UTF-8 cannot carry is replaced."""
    return message(tag, value.encode("utf-8", "replace"))


def named(name: str, kind: int) -> bytes:
    """Return a span's name and kind (`Span.SpanKind`'s number)."""
    return text(b"\x2a", name) + b"\x30" + varint(kind)


def link(trace: bytes, span_id: bytes) -> bytes:
    """Return a field `Span.links` to another process's span of the same trace; `trace` as `trace_of` gave it."""
    return _LINK + trace + span_id + _LINK_FLAGS
