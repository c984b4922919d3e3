"""The query of `/ledger`: which range of the frames' own time is asked for, and how many frames are to be named. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl

from frame_tracking.ledger_window import MOST_FRAMES

__all__ = ["LedgerQuery", "LedgerQueryError"]

_LONGEST_SECONDS: Final = 3600
_LAST_SECOND: Final = 1 << 34
_KNOWN: Final = ("from", "until", "frames")


class LedgerQueryError(ValueError):
    """A query that asks for nothing that there is; the text is one line: what is wrong."""


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """A range: `start` to `end`, not included, in seconds since 1970; at most `frames` frames a camera and hop are named."""

    start: int
    end: int
    frames: int = 0

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read a URL's query; None if it is empty: no range is asked for.

        Raises:
            LedgerQueryError: if it makes no sense.
        """
        if not text:
            return None
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=len(_KNOWN))
        except ValueError:
            raise LedgerQueryError(f"the query has at most {', '.join(_KNOWN)}, each once") from None
        given = dict(pairs)
        if len(given) < len(pairs) or not {"from", "until"} <= set(given) <= set(_KNOWN):
            raise LedgerQueryError("the query has from and until, and may have frames, each once")
        start, end = (_whole(given, name, _LAST_SECOND) for name in ("from", "until"))
        if not 0 < end - start <= _LONGEST_SECONDS:
            raise LedgerQueryError(f"until is 1 to {_LONGEST_SECONDS} seconds after from")
        return cls(start, end, _whole({"frames": "0", **given}, "frames", MOST_FRAMES))


def _whole(given: dict[str, str], name: str, most: int) -> int:
    text = given[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and int(text) <= most):
        raise LedgerQueryError(f"{name} is a whole number from 0 to {most}")
    return int(text)
