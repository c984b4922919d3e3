"""Durations as kubectl writes them, and as people type them. Pure."""

import re
from typing import Final

__all__ = ["InvalidDurationError", "duration", "seconds_of"]

_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TYPED: Final = re.compile(r"(?:[0-9]{1,6}[dhms])+")
_LONG: Final = 2
"""A unit gives way to the next smaller one below so many of it, as in kubectl's ages: 90m, not 1h."""


class InvalidDurationError(ValueError):
    """A text that is no duration. The message says what one looks like."""


def duration(seconds: float | None) -> str:
    """A duration in its largest fitting unit, such as 35s, 4m, 26h, 9d; `-` if it is not known."""
    if seconds is None:
        return "-"
    for unit, length in _UNITS.items():
        if seconds >= _LONG * length:
            return f"{int(seconds // length)}{unit}"
    return f"{int(seconds)}s"


def seconds_of(text: str) -> int:
    """Seconds of a typed duration, such as 30s, 10m, 1h30m.

    Raises:
        InvalidDurationError: if it is none.
    """
    if not _TYPED.fullmatch(text):
        raise InvalidDurationError(f"{text!r} is no duration; such are 30s, 10m, 1h30m, 2d")
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+)([dhms])", text))
