"""Encodes attributes as OTLP protobuf, and remembers what comes with every frame. Pure but for what it remembers.

Source: opentelemetry-proto `common/v1/common.proto` (`KeyValue`, `AnyValue`). What is not finite goes as a text: of a number
such as NaN Jaeger's query API can make no JSON, and answers 500 for that trace and for every search that meets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from struct import Struct
from typing import Final

from frame_tracking import FrameID

from telemetry.encoding import message, text, varint
from telemetry.tracer import AttributeValue

__all__ = ["NOT_FINITE", "AttributeEncoder"]

NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""What is no finite number, as protobuf's JSON writes it."""

_ATTRIBUTE: Final = b"\x4a"
_DROPPED_ATTRIBUTES: Final = b"\x50"
_KEY: Final = b"\x0a"
_VALUE: Final = b"\x12"
_STRING: Final = b"\x0a"
_DOUBLE_VALUE: Final = b"\x12\x09\x21"
_DOUBLE: Final = Struct("<d")
_BOOLS: Final = (b"\x12\x02\x10\x00", b"\x12\x02\x10\x01")
_INT: Final = b"\x18"
_UINT64: Final = (1 << 64) - 1
_INT64: Final = 1 << 63
_REMEMBERED: Final = 256
"""Values of one key that are remembered: more than a process has of those that come again."""
_SHORT: Final = 128
_SMALL: Final = 1 << 14
_LENGTHS: Final = 256

_Heads = dict[str, dict[int, bytes]]


class AttributeEncoder:
    """Encodes spans' attributes within the limits that `OTEL_*_ATTRIBUTE_*_LIMIT` set. Safe for several threads.

    Args:
        longest: characters of a text; longer ones are cut.
        most: attributes of a span; the last ones stay, as the SDK does it, and the others are counted.
    """

    def __init__(self, longest: int, most: int) -> None:
        self._longest, self.most = longest, most
        self._keys: dict[str, bytes] = {}
        self._texts: dict[str, dict[str, bytes]] = {}
        self._numbers: dict[str, dict[int, bytes]] = {}
        self._bools: dict[str, tuple[bytes, bytes]] = {}
        self._doubles: dict[str, bytes] = {}
        self._heads: _Heads = {}
        self._int_heads: _Heads = {}

    def encode(self, attributes: Mapping[str, AttributeValue]) -> bytes:
        """Return the fields `Span.attributes`, in the mapping's order."""
        if len(attributes) > self.most:
            return self._encode_last(attributes)
        made = []
        texts, numbers, doubles, pack = self._texts, self._numbers, self._doubles, _DOUBLE.pack
        for key, value in attributes.items():
            kind = type(value)
            if kind is str:
                of_key = texts.get(key)
                field = None if of_key is None else of_key.get(value)  # type: ignore[arg-type]  # it is a str
                made.append(self._text(key, value) if field is None else field)  # type: ignore[arg-type]
            elif kind is int:
                if 0 <= value < _SMALL:  # type: ignore[operator]  # it is an int
                    of_number = numbers.get(key)
                    field = None if of_number is None else of_number.get(value)  # type: ignore[arg-type]
                    made.append(self._small(key, value) if field is None else field)  # type: ignore[arg-type]
                else:
                    made.append(self._int(key, value))  # type: ignore[arg-type]
            elif kind is float:
                head = doubles.get(key) if isfinite(value) else None  # type: ignore[arg-type]  # it is a float
                made.append(self._double(key, value) if head is None else head + pack(value))  # type: ignore[arg-type]
            elif kind is FrameID:
                made.append(self.unique(key, value))  # type: ignore[arg-type]  # a str
            else:
                made.append(self._other(key, value))
        return b"".join(made)

    def unique(self, key: str, value: str) -> bytes:
        """Return the field of a text that never comes again, such as a frame's ID."""
        if len(value) > self._longest:
            value = value[: self._longest]
        data = value.encode("utf-8", "replace")
        heads = self._heads.get(key)
        head = None if heads is None else heads.get(len(data))
        return (self._head(self._heads, key, data, _STRING + varint(len(data))) if head is None else head) + data

    def _encode_last(self, attributes: Mapping[str, AttributeValue]) -> bytes:
        left_out = len(attributes) - self.most
        kept = dict(list(attributes.items())[left_out:])
        return self.encode(kept) + _DROPPED_ATTRIBUTES + varint(left_out)

    def _double(self, key: str, value: float) -> bytes:
        if not isfinite(value):
            return self._text(key, NOT_FINITE[str(value)])
        head = self._doubles.get(key)
        if head is None:
            body = self._key(key) + _DOUBLE_VALUE
            head = self._doubles[key] = _ATTRIBUTE + varint(len(body) + _DOUBLE.size) + body
        return head + _DOUBLE.pack(value)

    def _other(self, key: str, value: AttributeValue) -> bytes:
        if isinstance(value, bool):
            known = self._bools.get(key)
            if known is None:
                whole = self._key(key)
                known = self._bools[key] = (_field(whole + _BOOLS[0]), _field(whole + _BOOLS[1]))
            return known[value]
        if isinstance(value, str):
            return self.unique(key, str.__str__(value))
        return self._int(key, int(value)) if isinstance(value, int) else self._double(key, float(value))

    def _text(self, key: str, value: str) -> bytes:
        field = self.unique(key, value)
        of_key = self._texts.setdefault(key, {})
        if len(value) <= _SHORT and len(of_key) < _REMEMBERED:
            of_key[value] = field
        return field

    def _small(self, key: str, value: int) -> bytes:
        field = self._int(key, value)
        of_key = self._numbers.setdefault(key, {})
        if len(of_key) < _REMEMBERED:
            of_key[value] = field
        return field

    def _int(self, key: str, value: int) -> bytes:
        if not -_INT64 <= value < _INT64:
            return b""  # OTLP has 64 bits; the stock exporter leaves such an attribute out as well
        data = varint(value & _UINT64)
        heads = self._int_heads.get(key)
        head = None if heads is None else heads.get(len(data))
        return (self._head(self._int_heads, key, data, _INT) if head is None else head) + data

    def _head(self, heads: _Heads, key: str, data: bytes, kind: bytes) -> bytes:
        """Return what stands before an attribute's data: the same for all data of one length."""
        head = _field(self._key(key) + message(_VALUE, kind + data)).removesuffix(data)
        of_key = heads.setdefault(key, {})
        if len(of_key) < _LENGTHS:
            of_key[len(data)] = head
        return head

    def _key(self, key: str) -> bytes:
        known = self._keys.get(key)
        return known if known is not None else self._keys.setdefault(key, text(_KEY, key))


def _field(body: bytes) -> bytes:
    return _ATTRIBUTE + varint(len(body)) + body
