"""Journeys in a span file and the one that it was before its last rotation, or in a saved answer of Jaeger's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from frame_tracking import Attribute, FrameID, FrameQuery, InvalidFrameIDError, Journey, JourneySpan

from camera_runtime.journeys.base import Matches, SpanFileError, newest
from camera_runtime.journeys.saved import SavedFile

__all__ = ["FileJourneys", "saved_files"]

_FRAME_ID: Final = re.compile(rb'"frame\.id",\s*"value":\s*\{\s*"stringValue":\s*"([^"\\]{1,100})"')


class FileJourneys:
    """Journeys in a span file and the one that it was before its last rotation, or in a saved answer of Jaeger's.

    Raises:
        SpanFileError: if there is none.
    """

    def __init__(self, path: Path) -> None:
        self._files = saved_files(path)
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
        seen: set[str] = set()
        for file in self._files:
            for text in _names_in_lines(file) if file.in_lines else _names_in_document(file):
                if text not in seen:
                    seen.add(text)
                    try:
                        yield FrameID(text)
                    except InvalidFrameIDError:
                        continue

    def _journeys(self, trace_ids: set[str]) -> tuple[Journey, ...]:
        sought = re.compile(b"|".join(trace_id.encode() for trace_id in sorted(trace_ids)) or b"(?!)", re.IGNORECASE)
        found = defaultdict[str, list[JourneySpan]](list)
        for file in self._files:
            for trace_id, span in file.spans(sought.search):
                if trace_id in trace_ids:
                    found[trace_id].append(span)
        self.unreadable = sum(file.unreadable for file in self._files)
        return tuple(Journey.of(trace_id, spans) for trace_id, spans in found.items())


def _names_in_lines(file: SavedFile) -> Iterator[str]:
    """Yield what is in the place of frame IDs, without reading the lines as JSON."""
    for line in file.lines():
        for text in set(_FRAME_ID.findall(line)):
            yield text.decode(errors="replace")


def _names_in_document(file: SavedFile) -> Iterator[str]:
    for _, span in file.spans():
        if Attribute.FRAME_ID in span.attributes:
            yield str(span.attributes[Attribute.FRAME_ID])


def saved_files(path: Path) -> tuple[SavedFile, ...]:
    """Return the files of a span file that are there, the older one first.

    Raises:
        SpanFileError: if one cannot be read.
    """
    older = path.with_name(f"{path.name}.1")
    return tuple(SavedFile(each) for each in (older, path) if each.is_file())
