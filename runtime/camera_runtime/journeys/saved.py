"""Spans of a saved file, whatever saved it, a piece at a time.

`frametrace run` and OpenTelemetry's file exporter write OTLP-JSON, a line a batch; of these a broken line costs no other. All
else is a document: an answer of Jaeger's `/api/traces` or `/api/v3/traces`, its traces alone, or any of these put into lines
by somebody's tools. A document is read element by element, so its size does not matter; one whose first line is a whole value,
such as a trace or a batch of metrics, is read a line at a time, so that there, too, a broken line costs no other.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from frame_tracking import InvalidTraceError, Journey, JourneySpan, spans_from_otlp

from camera_runtime.journeys.base import SpanFileError
from camera_runtime.journeys.json_text import JsonText

__all__ = ["SavedFile", "Traced"]

_LONGEST_LINE: Final = 16_000_000
_DOCUMENT: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*$|\{\s*"(?!resourceSpans"))')
"""How the first line of a document begins: not as OTLP-JSON in lines, which has its first key right behind its brace."""
_ANSWER: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*"data")')
"""How an answer begins, or a list: a document also where it is a line by itself."""

Traced = tuple[str, JourneySpan]
"""A trace's ID and one of its spans."""


class SavedFile:
    """A file with spans.

    Attributes:
        unreadable: lines, or elements of a document, that held no spans and were passed over.
        bytes_read: how far it was read.
        in_lines: whether it is of lines of OTLP-JSON, and not a document.

    Raises:
        SpanFileError: if it cannot be read; so do the methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = self.bytes_read = 0
        with self._open() as file:
            head = file.readline(_LONGEST_LINE)
            while head.isspace():
                head = file.readline(_LONGEST_LINE)
        endless = len(head) == _LONGEST_LINE and not head.endswith(b"\n")
        self.in_lines = not (endless or _DOCUMENT.match(head))
        self._of_values = not (endless or self.in_lines or _ANSWER.match(head)) and _is_whole(head)

    def spans(self, wanted: Callable[[bytes], object] = bool) -> Iterator[Traced]:
        """Yield every span; of lines only those that are `wanted` are looked at."""
        self.unreadable = self.bytes_read = 0
        for value in self._values(wanted):
            try:
                yield from _spans_of(value)
            except InvalidTraceError:
                self.unreadable += 1

    def lines(self) -> Iterator[bytes]:
        """Yield every line; one that is longer than any batch is passed over."""
        try:
            with self._open() as file:
                while line := file.readline(_LONGEST_LINE):
                    self.bytes_read += len(line)
                    if len(line) < _LONGEST_LINE or line.endswith(b"\n"):
                        yield line
                    else:
                        self.unreadable += 1
                        self.bytes_read += _skip_line(file)
        except OSError as error:
            raise self._unread(error) from None

    def _values(self, wanted: Callable[[bytes], object]) -> Iterator[Any]:
        if self.in_lines:
            return self._of_lines(wanted)
        return self._of_lined_values() if self._of_values else self._of_document()

    def _of_lined_values(self) -> Iterator[Any]:
        for line in self.lines():
            text = JsonText(BytesIO(line))
            try:
                while text.peek():
                    yield from _parts(text)
            except ValueError:
                self.unreadable += 1

    def _of_lines(self, wanted: Callable[[bytes], object]) -> Iterator[Any]:
        for line in self.lines():
            if line.isspace() or not wanted(line):
                continue
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                self.unreadable += 1

    def _of_document(self) -> Iterator[Any]:
        try:
            with self._open() as file:
                text = JsonText(file)
                while text.peek():
                    for value in _parts(text):
                        self.bytes_read = text.bytes_read
                        yield value
        except OSError as error:
            raise self._unread(error) from None
        except ValueError as error:
            raise SpanFileError(
                f"{self.path} is not what Jaeger's /api/traces answers, nor another file of spans: {error}"
            ) from None

    def _open(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise self._unread(error) from None

    def _unread(self, error: OSError) -> SpanFileError:
        return SpanFileError(f"{self.path} cannot be read: {error.strerror}")


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line.removeprefix(BOM_UTF8))
    except (ValueError, RecursionError):
        return False
    return True


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while more := file.readline(_LONGEST_LINE):
        skipped += len(more)
        if more.endswith(b"\n"):
            break
    return skipped


def _parts(text: JsonText) -> Iterator[Any]:
    """Yield the elements of the value that comes next, each with the shape of a whole value."""
    if text.peek() == "[":
        for _ in text.elements():
            yield text.value()
    elif text.peek() == "{":
        yield from _of_object(text)
    else:
        yield text.value()


def _of_object(text: JsonText) -> Iterator[Any]:
    """Yield an answer's traces or batches; an object that has none of their lists is yielded as it is."""
    rest: dict[str, Any] = {}
    taken = False
    for key in text.members():
        if key in {"data", "resourceSpans"} and text.peek() == "[":
            for _ in text.elements():
                yield text.value() if key == "data" else {"resourceSpans": [text.value()]}
        elif key == "result" and text.peek() == "{":
            yield from _of_object(text)
        elif key in {"data", "resourceSpans"}:
            raise ValueError(f"its {key!r} is no list")
        else:
            rest[key] = text.value()
            continue
        taken = True
    if not taken:
        yield rest


def _spans_of(value: Any) -> Iterable[Traced]:
    """Return the spans of a batch of OTLP-JSON or of a trace of Jaeger's.

    Raises:
        InvalidTraceError: if it is neither.
    """
    if isinstance(value, dict) and "resourceSpans" in value:
        return spans_from_otlp(value)
    if isinstance(value, dict) and "spans" in value:
        journey = Journey.from_jaeger(value)
        if not journey.trace_id.isascii():
            raise InvalidTraceError("no trace ID")
        return [(journey.trace_id, span) for span in journey.spans]
    raise InvalidTraceError("no spans")
