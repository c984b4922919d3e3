"""Where journeys are looked up: a Jaeger, or the span files that `frametrace run` writes. One seam, both real."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from frame_tracking import (
    Attribute,
    FrameID,
    FrameQuery,
    InvalidFrameIDError,
    Journey,
    journeys_from_otlp_lines,
    now,
)

from camera_runtime.jaeger import Jaeger, Search

__all__ = ["FileJourneys", "JaegerJourneys", "JourneySource", "SpanFileError", "span_files"]

_LOOK_BACK: Final = timedelta(days=7)
_LOOKED_THROUGH: Final = 1500
"""Traces that are looked through for a part of an ID that Jaeger cannot search for."""
_FRAME_ID: Final = re.compile(rb'"frame\.id",\s*"value":\s*\{\s*"stringValue":\s*"([^"\\]{1,100})"')


class SpanFileError(Exception):
    """A span file cannot be read; the message is one line."""


class JourneySource(Protocol):
    """Where journeys are looked up."""

    name: str
    """What it is, for people."""
    unreadable: int
    """How many entries the last look-up met that could not be read."""

    def journey(self, frame_id: FrameID) -> Journey | None:
        """Return a frame's journey; None if nothing of it is there."""

    def find(self, query: FrameQuery, limit: int) -> tuple[Journey, ...]:
        """Return the journeys of the newest frames that match, newest first."""


class JaegerJourneys:
    """Journeys in a Jaeger: by the trace ID that a frame ID gives, with no need of a service's name.

    Methods raise `camera_runtime.jaeger.JaegerUnavailableError` when it does not answer.
    """

    def __init__(self, jaeger: Jaeger) -> None:
        self._jaeger = jaeger
        self.name = f"Jaeger at {jaeger.name}"
        self.unreadable = 0

    def journey(self, frame_id: FrameID) -> Journey | None:
        """See `JourneySource.journey`."""
        return self._jaeger.journey(frame_id.trace_id)

    def find(self, query: FrameQuery, limit: int) -> tuple[Journey, ...]:
        """See `JourneySource.find`. A word alone is looked for as a camera first, then as a session."""
        if query.exact is not None:
            found = self.journey(query.exact)
            return () if found is None else (found,)
        tags = {Attribute.CAMERA_ID.value: query.word} if query.word else {}
        if query.sequence is not None:
            tags[Attribute.FRAME_SEQUENCE.value] = str(query.sequence)
        journeys = self._matching(query, tags, limit)
        if not journeys and query.word and not query.session:
            tags.pop(Attribute.CAMERA_ID.value)
            journeys = self._matching(query, tags, _LOOKED_THROUGH)
        return _newest(journeys, limit)

    def _matching(self, query: FrameQuery, tags: dict[str, str], limit: int) -> tuple[Journey, ...]:
        begin, end = _window(query)
        searched = _LOOKED_THROUGH if query.session else limit
        found = self._jaeger.search(Search(tags, begin, end, searched))
        return tuple(journey for journey in found if _matches(query, journey))


class FileJourneys:
    """Journeys in a span file and the one that it was before its last rotation.

    Raises:
        SpanFileError: if there is none.
    """

    def __init__(self, path: Path) -> None:
        self._files = span_files(path)
        self.name = str(path)
        self.unreadable = 0
        if not self._files:
            raise SpanFileError(f"there is no span file {path}; `frametrace run` writes one, --jaeger asks a Jaeger")

    def journey(self, frame_id: FrameID) -> Journey | None:
        """See `JourneySource.journey`."""
        return next(iter(self._journeys({frame_id.trace_id})), None)

    def find(self, query: FrameQuery, limit: int) -> tuple[Journey, ...]:
        """See `JourneySource.find`."""
        if query.exact is not None:
            wanted = {query.exact}
        else:
            wanted = {frame_id for frame_id in self._frame_ids() if query.matches(frame_id)}
        newest = sorted(wanted, reverse=True)[:limit]
        return _newest(self._journeys({frame_id.trace_id for frame_id in newest}), limit)

    def _frame_ids(self) -> Iterator[FrameID]:
        """Yield each frame's ID, without reading the lines as JSON."""
        seen: set[bytes] = set()
        for line in self._lines():
            for text in set(_FRAME_ID.findall(line)) - seen:
                seen.add(text)
                try:
                    yield FrameID(text.decode())
                except (InvalidFrameIDError, UnicodeDecodeError):
                    continue

    def _journeys(self, trace_ids: set[str]) -> tuple[Journey, ...]:
        sought = re.compile(b"|".join(trace_id.encode() for trace_id in sorted(trace_ids)) or b"(?!)", re.IGNORECASE)
        journeys, self.unreadable = journeys_from_otlp_lines(line for line in self._lines() if sought.search(line))
        return tuple(journey for journey in journeys if journey.trace_id in trace_ids)

    def _lines(self) -> Iterator[bytes]:
        for path in self._files:
            try:
                with path.open("rb") as file:
                    yield from file
            except OSError as error:
                raise SpanFileError(f"{path} cannot be read: {error.strerror}") from None


def span_files(path: Path) -> tuple[Path, ...]:
    """Return the files of a span file that are there, the older one first."""
    older = path.with_name(f"{path.name}.1")
    return tuple(each for each in (older, path) if each.is_file())


def _window(query: FrameQuery) -> tuple[datetime, datetime]:
    """Return the times to search between; Jaeger looks at when a span began, which is a little after the frame's own."""
    if query.begin is None or query.end is None:
        return now() - _LOOK_BACK, now() + timedelta(minutes=1)
    least = datetime(1970, 1, 2, tzinfo=UTC)
    return max(query.begin, least) - timedelta(seconds=2), query.end + timedelta(seconds=2)


def _matches(query: FrameQuery, journey: Journey) -> bool:
    try:
        return query.matches(FrameID(journey.frame_id or ""))
    except InvalidFrameIDError:
        return False


def _newest(journeys: Iterable[Journey], limit: int) -> tuple[Journey, ...]:
    found = sorted(journeys, key=lambda journey: journey.frame_id or "", reverse=True)
    return tuple(found[:limit])
