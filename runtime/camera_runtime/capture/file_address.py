"""A `file://` URL taken apart: a recording on this machine, for the command line and for measurements. Pure.

`file:///videos/yard.mp4`, with `?loop=no` to end where the recording does, and `&pace=none` to read as fast as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["FileAddress"]

_LOOPS: Final = {"yes": True, "no": False}
_PACES: Final = {"camera": True, "none": False}


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A recording.

    Attributes:
        path: absolute.
        loops: whether it begins again at its end.
        paced: whether pictures come as fast as a camera would send them.
    """

    path: str
    loops: bool = True
    paced: bool = True

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a `file://` URL.

        Raises:
            SourceError: `INVALID_URL`, if it is none, or has another parameter.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            raise _invalid() from None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        loop, pace = query.pop("loop", "yes"), query.pop("pace", "camera")
        path = unquote(parts.path)
        if parts.scheme != "file" or parts.netloc or query or loop not in _LOOPS or pace not in _PACES:
            raise _invalid()
        if not path.startswith("/") or "\0" in path:
            raise _invalid()
        return cls(path, _LOOPS[loop], _PACES[pace])


def _invalid() -> SourceError:
    return SourceError(Problem.INVALID_URL, "a recording is file:///path/to/it, perhaps with ?loop=no")
