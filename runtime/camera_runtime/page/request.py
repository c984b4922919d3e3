"""What a browser asks the page for: the query of a URL, read and bounded. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from frame_tracking.frame_id import CAMERA_PATTERN
from frame_tracking.terminal_text import clean

__all__ = ["BadRequestError", "Cursor", "Order", "PageRequest"]

_LONGEST_FRAME: Final = 200
_LONGEST_SHOWN: Final = 80
_LONGEST_QUERY: Final = 1000
"""Characters of a URL's query: a whole frame ID has at most 90, and each may be written as three."""
_MOST_FIELDS: Final = 8
_CAMERA: Final = re.compile(CAMERA_PATTERN)
_CURSOR: Final = re.compile(r"(?P<start>[0-9]{1,16})-(?P<trace>[0-9a-f]{32})", re.ASCII)


class BadRequestError(ValueError):
    """A URL that asks for nothing that there is. The text is one sentence for people."""


class Order(StrEnum):
    """How frames are listed."""

    NEWEST = "newest"
    SLOWEST = "slowest"


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place among all frames, in order of their begin: `start_us` since 1970, then the trace's ID."""

    start_us: int
    trace_id: str

    def __str__(self) -> str:
        return f"{self.start_us}-{self.trace_id}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises:
            BadRequestError: if it is something else.
        """
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise BadRequestError("the link to older frames is not one of this page's; go back to the newest frames")
        return cls(int(match["start"]), match["trace"])


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What is wanted.

    Attributes:
        frame: a frame ID or a part of one, as it was typed; empty: frames are listed.
        camera: frames of this one only; empty: of all.
        before: only frames before this place.
    """

    frame: str = ""
    camera: str = ""
    order: Order = Order.NEWEST
    before: Cursor | None = None

    @classmethod
    def read(cls, query: str) -> Self:
        """Read a URL's query; fields that the page does not know are passed over.

        Raises:
            BadRequestError: if it is too long, or a field has a value that there is not.
        """
        if len(query) > _LONGEST_QUERY:
            raise BadRequestError(f"that is too long ({len(query)} characters): a frame ID has at most 90")
        try:
            given = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        except ValueError:
            raise BadRequestError(f"a link of this page has at most {_MOST_FIELDS} fields") from None
        before = given.get("before", "")
        return cls(
            _frame(given.get("q", "")),
            _camera(given.get("camera", "")),
            _order(given.get("order", Order.NEWEST.value)),
            Cursor.read(before) if before else None,
        )

    def link(self, **changed: str) -> str:
        """Return the query of this page with some fields changed; empty ones are left out."""
        fields = {
            "q": self.frame,
            "camera": self.camera,
            "order": "" if self.order is Order.NEWEST else self.order.value,
            "before": str(self.before or ""),
        }
        return "?" + urlencode({name: value for name, value in (fields | changed).items() if value})


def _frame(text: str) -> str:
    plain = text.strip()
    if len(plain) > _LONGEST_FRAME:
        raise BadRequestError(f"that is too long ({len(plain)} characters): a frame ID has at most 90")
    if not plain.isprintable():
        raise BadRequestError(f"a frame ID has no such characters: {clean(plain)[:_LONGEST_SHOWN]}")
    return plain


def _camera(text: str) -> str:
    if text and not _CAMERA.fullmatch(text):
        raise BadRequestError("a camera's ID has lower-case letters, digits and hyphens, at most 32")
    return text


def _order(text: str) -> Order:
    try:
        return Order(text)
    except ValueError:
        raise BadRequestError(f"frames are listed {' or '.join(Order)} first") from None
