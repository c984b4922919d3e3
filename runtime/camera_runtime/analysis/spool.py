"""Journeys of a saved file, a trace at a time: its spans may lie anywhere in it, so they are sorted on disk, not in memory."""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from frame_tracking import Attribute, Journey, JourneySpan

from camera_runtime.journeys.base import SpanFileError
from camera_runtime.journeys.files import saved_files
from camera_runtime.journeys.saved import Traced

__all__ = ["SavedJourneys"]

_AT_ONCE: Final = 2000
_KEPT: Final = (Attribute.K8S_NAMESPACE.value,)
"""What an analysis reads of a span's resource."""


class SavedJourneys:
    """Journeys of a span file (with its older half if it was rotated), or of a saved answer of Jaeger's.

    Attributes:
        unreadable: lines, or traces of an answer, that were passed over.
        until_us: the end of the last span, as soon as there is a journey.
        shortfall: always empty; a file is read whole, or not at all.

    Raises:
        SpanFileError: if there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._files = saved_files(path)
        self._bytes = sum(file.path.stat().st_size for file in self._files) or 1
        self.name = str(path)
        self.unreadable = self.until_us = 0
        self.shortfall = ""
        if not self._files:
            raise SpanFileError(f"there is no file {path}; `frametrace run` writes one, --jaeger asks a Jaeger")

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once, in no order; reading and sorting are half of the progress that is told, analysing is the other.

        Raises:
            SpanFileError: if the file cannot be read, or its spans not be sorted.
        """
        with _sorter(self.name) as sorter:
            spans = 0
            for rows in _batches(self._spans()):
                spans += len(rows)
                progress(0.5 * min(1.0, self._read() / self._bytes))
                sorter.execute("BEGIN")
                sorter.executemany("INSERT INTO span VALUES (?, ?)", ((trace, _packed(span)) for trace, span in rows))
                sorter.execute("COMMIT")
            seen = 0
            for journey in _traces(sorter.execute("SELECT trace, body FROM span ORDER BY trace")):
                seen += len(journey.spans)
                progress(0.5 + 0.5 * seen / spans)
                yield journey
        progress(1.0)

    def _spans(self) -> Iterator[Traced]:
        for file in self._files:
            for trace_id, span in file.spans():
                self.until_us = max(self.until_us, span.end_us)
                yield trace_id, span
            self.unreadable += file.unreadable

    def _read(self) -> int:
        return sum(file.bytes_read for file in self._files)


@contextmanager
def _sorter(name: str) -> Iterator[sqlite3.Connection]:
    """Give a table of spans on a disk; what goes wrong there is told as what it is."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="frametrace-") as folder,
            closing(sqlite3.connect(Path(folder) / "spans", isolation_level=None)) as sorter,
        ):
            sorter.execute("PRAGMA journal_mode = OFF")
            sorter.execute("PRAGMA synchronous = OFF")
            sorter.execute("CREATE TABLE span (trace TEXT, body BLOB)")
            yield sorter
    except (sqlite3.Error, OSError) as error:
        place = tempfile.tempdir or "a temporary directory"
        raise SpanFileError(
            f"the spans of {name} cannot be sorted in {place} ({error}): that takes up to twice the file's size; TMPDIR names another place"
        ) from None


def _batches(spans: Iterable[Traced]) -> Iterator[list[Traced]]:
    batch: list[Traced] = []
    for traced in spans:
        batch.append(traced)
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    yield batch


def _traces(rows: Iterable[tuple[str, bytes]]) -> Iterator[Journey]:
    trace, spans = "", list[JourneySpan]()
    for name, body in rows:
        if name != trace and spans:
            yield Journey.of(trace, spans)
            spans = []
        trace = name
        spans.append(JourneySpan(*marshal.loads(body)))  # noqa: S302 - our own, of a moment ago  # nosec B302
    if spans:
        yield Journey.of(trace, spans)


def _packed(span: JourneySpan) -> bytes:
    fields = (span.span_id, span.parent_id, span.links, span.name, span.service, span.start_us, span.duration_us)
    resource = {key: span.resource[key] for key in _KEPT if key in span.resource}
    return marshal.dumps((*fields, dict(span.attributes), resource))
