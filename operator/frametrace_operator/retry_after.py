"""Retry-After: how long a client waits that was told to. Pure, but for its randomness, which may be given."""

import random as _random
from collections.abc import Callable
from typing import Final

__all__ = ["obeyed", "seconds_of"]

_MOST_LATER: Final = 0.2


def obeyed(seconds: float, random: Callable[[], float] = _random.random) -> float:
    """The server's wish, and up to a fifth more: those who were told the same do not all come back at once."""
    return seconds * (1 + _MOST_LATER * random())


def seconds_of(header: str | None) -> float | None:
    """The seconds that a Retry-After header names; None without one, or when it names a date."""
    return float(header) if header and header.isdecimal() else None
