"""Journeys of a saved file, a trace at a time: its spans may lie anywhere in it, so they are sorted on disk, not in memory."""

from __future__ import annotations

import json
import marshal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from frame_tracking import InvalidTraceError, Journey, JourneySpan, spans_from_otlp

from camera_runtime.journeys.base import SpanFileError
from camera_runtime.journeys.files import span_files

__all__ = ["SavedJourneys"]

_AT_ONCE: Final = 2000
_LARGEST_DOCUMENT: Final = 256_000_000
"""Bytes of one answer of Jaeger's that was saved; such a file is a single JSON value, and read whole."""

Row = tuple[str, bytes]


class SavedJourneys:
    """Journeys of a span file (OTLP-JSON, a line a batch, with its older half if it was rotated) or of a saved answer of Jaeger's.

    Attributes:
        unreadable: lines that were passed over.

    Raises:
        SpanFileError: if there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._files = span_files(path)
        self.name = str(path)
        self.unreadable = 0
        if not self._files:
            raise SpanFileError(f"there is no file {path}; `frametrace run` writes one, --jaeger asks a Jaeger")

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once, in no order; `progress` is told the share of the file that was read.

        Raises:
            SpanFileError: if the file cannot be read.
        """
        if self._is_document():
            yield from self._of_document()
            return
        with (
            TemporaryDirectory() as folder,
            closing(sqlite3.connect(Path(folder) / "spans", isolation_level=None)) as sorted_,
        ):
            sorted_.execute("PRAGMA journal_mode = OFF")
            sorted_.execute("PRAGMA synchronous = OFF")
            sorted_.execute("CREATE TABLE span (trace TEXT, body BLOB)")
            for rows in _batches(self._rows(progress)):
                sorted_.execute("BEGIN")
                sorted_.executemany("INSERT INTO span VALUES (?, ?)", rows)
                sorted_.execute("COMMIT")
            yield from _traces(sorted_.execute("SELECT trace, body FROM span ORDER BY trace"))

    def _is_document(self) -> bool:
        """Whether the file is one of Jaeger's answers: an object with `data`, which no line of OTLP-JSON has."""
        with self._open(self._files[-1]) as file:
            return file.read(4096).lstrip().startswith(b'{"data"')

    def _of_document(self) -> Iterator[Journey]:
        path = self._files[-1]
        if path.stat().st_size > _LARGEST_DOCUMENT:
            raise SpanFileError(
                f"{path} is one JSON value of more than {_LARGEST_DOCUMENT} bytes; ask the Jaeger instead: --jaeger URL"
            )
        try:
            for trace in json.loads(path.read_bytes())["data"]:
                yield Journey.from_jaeger(trace)
        except (ValueError, TypeError, KeyError, RecursionError, InvalidTraceError):
            raise SpanFileError(f"{path} is not what Jaeger's /api/traces answers") from None

    def _rows(self, progress: Callable[[float], None]) -> Iterator[Row]:
        total = sum(path.stat().st_size for path in self._files) or 1
        done = 0
        for path in self._files:
            with self._open(path) as file:
                for line in file:
                    done += len(line)
                    yield from self._spans_of(line)
                    progress(done / total)

    def _spans_of(self, line: bytes) -> Iterator[Row]:
        if not line.strip():
            return
        try:
            found = spans_from_otlp(json.loads(line))
        except (ValueError, RecursionError):  # InvalidTraceError is a ValueError
            self.unreadable += 1
            return
        for trace_id, span in found:
            yield trace_id, _packed(span)

    def _open(self, path: Path) -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            raise SpanFileError(f"{path} cannot be read: {error.strerror}") from None


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    yield batch


def _traces(rows: Iterable[Row]) -> Iterator[Journey]:
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
    return marshal.dumps((*fields, dict(span.attributes)))  # without the resource, which no analysis reads
