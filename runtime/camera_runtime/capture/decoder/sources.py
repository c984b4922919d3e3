"""Which source a job's URL means, in the decoder's process."""

from __future__ import annotations

from camera_runtime.capture.base import Source
from camera_runtime.capture.file_address import FileAddress
from camera_runtime.capture.media import MediaSource
from camera_runtime.capture.pattern import Pattern
from camera_runtime.capture.recording import RecordingSource

__all__ = ["source_of"]


def source_of(url: str) -> Source:
    """Return the source that `url` means; it does no I/O before it is opened.

    Raises:
        SourceError: `INVALID_URL`, if a test source's or recording's parameters are refused.
    """
    if url.startswith("test:"):
        from camera_runtime.capture.synthetic import SyntheticSource  # noqa: PLC0415 - loads NumPy: for test sources only

        return SyntheticSource(Pattern.parse(url))
    if url.startswith("file:"):
        return RecordingSource(FileAddress.parse(url))
    return MediaSource(url)
