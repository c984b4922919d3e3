"""What a `test://` URL asks for. Pure, and without NumPy: `synthetic` draws it.

`test://?width=1280&height=720&fps=30`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["Pattern"]

_LIMITS: Final = {"width": (320, 3840), "height": (64, 2160), "fps": (1, 2000)}
_MOST_PIXELS_A_SECOND: Final = 3840 * 2160 * 120


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to draw: size in pixels (even), and pictures a second (up to 2000 where they are small)."""

    width: int = 1280
    height: int = 720
    fps: int = 30

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a `test://` URL's query.

        Raises:
            SourceError: `INVALID_URL`, for another scheme, an unknown parameter or a value out of bounds.
        """
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if parts.scheme != "test" or any(name not in _LIMITS for name, _ in query):
            raise SourceError(Problem.INVALID_URL, "a test source is test://?width=1280&height=720&fps=30")
        pattern = cls(**{name: _bounded(name, value) for name, value in query})
        if pattern.width * pattern.height * pattern.fps > _MOST_PIXELS_A_SECOND:
            raise SourceError(Problem.INVALID_URL, "test source: so many pictures of this size cannot be drawn")
        return pattern


def _bounded(name: str, value: str) -> int:
    least, most = _LIMITS[name]
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
        raise SourceError(Problem.INVALID_URL, f"test source: {name} is a number from {least} to {most}")
    return int(value) if name == "fps" else int(value) // 2 * 2
