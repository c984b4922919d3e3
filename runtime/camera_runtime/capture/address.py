"""A camera's URL taken apart and checked before anything else sees it. Pure.

The resource's schema refuses most of this already; the runtime checks again, because FFmpeg would open `file://` and
`http://` URLs just as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["RtspAddress"]

_PORTS: Final = {"rtsp": 554, "rtsps": 322}
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9._]{0,251}[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]{2,45}")
_TARGET: Final = re.compile(r"(?:/[!-~]*)?")
_PRINTABLE: Final = re.compile(r"[!-~]*")
_MAX_URL: Final = 2048


@dataclass(frozen=True, slots=True)
class RtspAddress:
    """Where an RTSP camera is.

    Attributes:
        host: name or address, without brackets.
        target: path and query as the URL has them.
        tls: whether the scheme is `rtsps`.
    """

    host: str
    port: int
    target: str
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an `rtsp://` or `rtsps://` URL.

        Raises:
            SourceError: `INVALID_URL`, for any other scheme, user information, or a malformed part. The message
                does not repeat the URL: it may hold a password.
        """
        if len(url) > _MAX_URL or not _PRINTABLE.fullmatch(url):  # urlsplit would leave line ends out silently
            raise _invalid("it is too long, or holds blanks or control characters")
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        except ValueError:
            raise _invalid("it is malformed") from None
        if scheme not in _PORTS:
            raise _invalid("the scheme must be rtsp or rtsps")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise _invalid("user and password belong into the Secret, not into the URL")
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if not _HOST.fullmatch(host) or not _TARGET.fullmatch(target) or port == 0:
            raise _invalid("host, port or path is malformed")
        return cls(host, port or _PORTS[scheme], target, scheme == "rtsps")


def _invalid(why: str) -> SourceError:
    return SourceError(Problem.INVALID_URL, f"the camera's URL is refused: {why}")
