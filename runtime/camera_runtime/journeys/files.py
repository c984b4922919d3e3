"""Journeys in a span file and the one that it was before its last rotation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from frame_tracking import FrameID, FrameQuery, InvalidFrameIDError, Journey, journeys_from_otlp_lines

from camera_runtime.journeys.base import Matches, SpanFileError, newest

__all__ = ["FileJourneys", "span_files"]

_FRAME_ID: Final = re.compile(rb'"frame\.id",\s*"value":\s*\{\s*"stringValue":\s*"([^"\\]{1,100})"')


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

    def find(self, query: FrameQuery, limit: int) -> Matches:
        """See `JourneySource.find`."""
        if query.exact is not None:
            wanted = {query.exact}
        else:
            wanted = {frame_id for frame_id in self._frame_ids() if query.matches(frame_id)}
        last = sorted(wanted, reverse=True)[:limit]
        found = newest(self._journeys({frame_id.trace_id for frame_id in last}), limit)
        return Matches(found, more=len(wanted) > limit)

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
