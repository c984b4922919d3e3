"""SpanFile: a sink that appends spans to a file, a line a batch, as OpenTelemetry's file exporter has them.

Source: https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/ and, for the JSON itself,
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: IDs in hexadecimal, enums as numbers.

The file is bounded: when a batch would make it larger than `max_bytes`, it becomes `<name>.1` (the one that had that name
is gone) and a new one is begun. So there are never more than two of them.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # has no stubs
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # as above
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from telemetry.sink import Answer, Receipt

__all__ = ["SpanFile"]

_MAX_BYTES: Final = 256_000_000
_IDS: Final = ("traceId", "spanId", "parentSpanId")


class SpanFile:
    """A `SpanSink`; safe for several threads, so that the services of one process can share it.

    Args:
        path: of the file; made when the first batch comes, added to if it is there.
        max_bytes: of each of the two files.

    Raises:
        OSError: if it cannot be opened for writing.
    """

    def __init__(self, path: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._lock = threading.Lock()
        self._file = path.open("ab", buffering=0)
        self._end_broken_line()

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:  # noqa: ARG002 - a file has its own time
        """See `SpanSink.send`."""
        try:
            line = _line(ExportTraceServiceRequest.FromString(request))
        except DecodeError:
            return Receipt(Answer.REFUSED, why="the request is no OTLP")
        with self._lock:
            try:
                self._append(line)
            except (OSError, ValueError) as error:  # ValueError: it is closed
                why = (error.strerror if isinstance(error, OSError) else None) or "it is closed"
                return Receipt(Answer.UNAVAILABLE, why=f"{self._path} cannot be written: {why}")
        return Receipt()

    def close(self) -> None:
        """Nothing is on its way: each batch is in the file when `send` returns. `shut` ends it."""

    def shut(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    def _append(self, line: bytes) -> None:
        size = self._file.tell()
        if size and size + len(line) > self._max_bytes:
            self._rotate()
            size = 0
        try:
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError:
            self._file.truncate(size)  # a disk that is full: no half line, and no half batch
            raise

    def _rotate(self) -> None:
        fresh = self._path.with_name(f"{self._path.name}.1")
        self._path.replace(fresh)
        self._file.close()
        self._file = self._path.open("ab", buffering=0)

    def _end_broken_line(self) -> None:
        """Begin a line of our own, if an earlier process was killed within one."""
        size = self._file.tell()
        with self._path.open("rb") as written:
            written.seek(max(0, size - 1))
            if written.read(1) not in {b"", b"\n"}:
                self._file.write(b"\n")


def _line(request: ExportTraceServiceRequest) -> bytes:
    """Return a batch as one line: `TracesData`, which has the request's shape."""
    batch: dict[str, Any] = MessageToDict(request, use_integers_for_enums=True)
    for span in _spans(batch):
        for each in (span, *span.get("links", ())):
            for key in _IDS:
                if key in each:
                    each[key] = base64.b64decode(each[key]).hex()
    return json.dumps(batch, separators=(",", ":")).encode() + b"\n"


def _spans(batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for of_resource in batch.get("resourceSpans", ()):
        for of_scope in of_resource.get("scopeSpans", ()):
            yield from of_scope.get("spans", ())
