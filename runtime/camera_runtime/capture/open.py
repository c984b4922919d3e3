"""Which source a URL means. The only place that knows all of them."""

from __future__ import annotations

from urllib.parse import urlsplit

from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.base import Source
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.rtsp import CredentialFiles, RtspSource
from camera_runtime.capture.synthetic import Pattern, SyntheticSource

__all__ = ["new_source"]


def new_source(url: str, files: CredentialFiles | None = None, rule: NetworkRule | None = None) -> Source:
    """Return the source that `url` means; it does no I/O before it is opened.

    Raises:
        SourceError: `INVALID_URL`, if the scheme or another part of the URL is refused.
    """
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme == "test":
        return SyntheticSource(Pattern.parse(url))
    return RtspSource(RtspAddress.parse(url), files or CredentialFiles(), rule or NetworkRule())
