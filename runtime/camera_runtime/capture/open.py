"""Which feed a URL means. The only place that knows all of them."""

from __future__ import annotations

from urllib.parse import urlsplit

from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.decoder.feed import DecoderFeed, DecoderPool, PlainPath, StreamPath
from camera_runtime.capture.decoder.job import PictureSettings
from camera_runtime.capture.file_address import FileAddress
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.pattern import Pattern
from camera_runtime.capture.rtsp import CredentialFiles, RtspPath

__all__ = ["Camera", "new_path"]


class Camera:
    """Makes the feeds of one camera, one connection after the other. Call it; `close` it in the end.

    Args:
        url: `test://`, `rtsp://` or `rtsps://`, without credentials.
        settings: how its pictures are made.
        files: where its credentials are.
        rule: which addresses it may have.
        allow_files: whether `file://` is a source too: for people's own machines, never for a resource's URL.

    Raises:
        SourceError: `INVALID_URL`, if the scheme or another part of the URL is refused.
        ValueError: if a setting can never be met.
    """

    def __init__(
        self,
        url: str,
        settings: PictureSettings | None = None,
        files: CredentialFiles | None = None,
        rule: NetworkRule | None = None,
        *,
        allow_files: bool = False,
    ) -> None:
        self._url = url
        self._settings = settings or PictureSettings()
        self._files = files or CredentialFiles()
        self._rule = rule or NetworkRule()
        self._allow_files = allow_files
        self._pool = DecoderPool()
        self._path()
        Pace.of(self._settings.frames_per_second)

    def __call__(self) -> DecoderFeed:
        """Return the feed of the next connection; does no I/O."""
        return DecoderFeed(self._path(), self._settings, self._pool)

    def close(self) -> None:
        """Let go of what is kept between connections."""
        self._pool.close()

    def _path(self) -> StreamPath:
        return new_path(self._url, self._files, self._rule, allow_files=self._allow_files)


def new_path(url: str, files: CredentialFiles, rule: NetworkRule, *, allow_files: bool = False) -> StreamPath:
    """Return the way to the stream that `url` means; it does no I/O before it is opened.

    Raises:
        SourceError: `INVALID_URL`, if the scheme or another part of the URL is refused.
    """
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme == "test":
        Pattern.parse(url)
        return PlainPath(url)
    if scheme == "file" and allow_files:
        FileAddress.parse(url)
        return PlainPath(url)
    return RtspPath(RtspAddress.parse(url), files, rule)
