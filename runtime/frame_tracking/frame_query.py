"""FrameQuery: what somebody knows of a frame, as a search: a whole frame ID, or a part of one. Pure.

Forms: a frame ID; the older `20240315_cam01_000123`, which may mean several frames; and any of an ID's parts, joined by
underscores: a time of any length (`20240315`, `20240315T1015`, `2024-03-15T10:15:30`; UTC), a camera, a session, a
sequence number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from frame_tracking.frame_id import CAMERA_PATTERN, SESSION_PATTERN, FrameID, InvalidFrameIDError

__all__ = ["FrameQuery", "InvalidFrameQueryError"]

_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::?(\d\d))?(?::?(\d\d))?(?:\.(\d{1,6}))?Z?)?", re.ASCII)
_TIME: Final = re.compile(r"\d{8}(?:T(\d{2}|\d{4}|\d{6,12}))?", re.ASCII)
_SEQUENCE: Final = re.compile(r"\d{6,18}", re.ASCII)
_DAY: Final = re.compile(r"\d{8}", re.ASCII)
_YEARS: Final = frozenset(map(str, range(1970, 2200)))
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
_SESSION: Final = re.compile(SESSION_PATTERN)
_WORD: Final = re.compile(CAMERA_PATTERN)
_WORDS: Final = 2
"""A camera and a session."""
_MAX_SHOWN: Final = 80
_STEPS: Final = {
    0: timedelta(days=1),
    2: timedelta(hours=1),
    4: timedelta(minutes=1),
    6: timedelta(seconds=1),
    **{6 + digits: timedelta(microseconds=10 ** (6 - digits)) for digits in range(1, 7)},
}
"""How long a time means that is written with so many digits of the clock."""


class InvalidFrameQueryError(ValueError):
    """A text that is no part of a frame ID; the message quotes it and shows the forms."""

    def __init__(self, text: str) -> None:
        shown = repr(text[:_MAX_SHOWN]) + ("…" if len(text) > _MAX_SHOWN else "")
        super().__init__(
            f"{shown} is no frame ID and no part of one, such as 20240315T101530123456_cam01_a7f3c_000123, "
            "20240315_cam01_000123, cam01, 20240315T1015 or 2024-03-15T10:15_cam01"
        )


@dataclass(frozen=True, slots=True)
class FrameQuery:
    """What is known; None where nothing is.

    Attributes:
        text: as it was asked.
        exact: the frame, if the text is a whole frame ID that means one.
        begin: the earliest time, and `end` the first one after, in UTC.
        word: a camera's ID, or a session where the text has only one word.
        session: five base-32 characters.
    """

    text: str
    exact: FrameID | None = None
    begin: datetime | None = None
    end: datetime | None = None
    word: str | None = None
    session: str | None = None
    sequence: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was asked for.

        Raises:
            InvalidFrameQueryError: if it is no part of a frame ID.
        """
        plain = text.strip()
        try:
            frame_id = FrameID(plain)
        except InvalidFrameIDError:
            return cls._of_parts(plain)
        return cls(text, exact=frame_id) if frame_id.is_exact else cls._of_parts(plain)

    @classmethod
    def _of_parts(cls, text: str) -> Self:
        parts = _without_iso(text).split("_")
        window = _window(parts[0], text) if _is_time(parts) else None
        rest = parts[1:] if window else parts
        sequence = int(rest.pop()) if rest and _is_number(rest) else None
        known = bool(rest) or window is not None or sequence is not None
        if not known or len(rest) > _WORDS or not all(_WORD.fullmatch(word) for word in rest):
            raise InvalidFrameQueryError(text)
        word, session = [*rest, "", ""][:2]
        begin, end = window or (None, None)
        return cls(text, None, begin, end, word or None, session or None, sequence)

    @property
    def may_be_session(self) -> bool:
        """Whether the word can be a session."""
        return not self.session and _SESSION.fullmatch(self.word or "") is not None

    @property
    def hint(self) -> str:
        """What else may have been meant, for whoever finds nothing; empty if nothing."""
        taken = self.session or self.word or ""
        if self.sequence is None and _NUMBER.fullmatch(taken):
            kind = "session" if self.session else "camera or a session"
            return f"{taken} was taken for a {kind}; a frame's number has at least six digits: {int(taken):06d}"
        return ""

    def matches(self, frame_id: FrameID) -> bool:
        """Tell whether a frame is one of those that were asked for."""
        if self.exact is not None:
            return frame_id == self.exact
        return (
            (self.begin is None or self.end is None or self.begin <= frame_id.time < self.end)
            and (
                self.word is None
                or self.word == frame_id.camera
                or (not self.session and self.word == frame_id.session)
            )
            and (self.session is None or self.session == frame_id.session)
            and (self.sequence is None or self.sequence == frame_id.sequence)
        )


def _is_time(parts: list[str]) -> bool:
    """Tell whether it begins with a time; eight digits alone of no year that had frames can only be a number."""
    first = parts[0]
    alone = len(parts) == 1 and _DAY.fullmatch(first) is not None
    return _TIME.fullmatch(first) is not None and not (alone and first[:4] not in _YEARS)


def _is_number(words: list[str]) -> bool:
    """Tell whether the last word is a number. After another word it may have fewer digits, but five: so have sessions."""
    last = words[-1]
    short = len(words) > 1 and _NUMBER.fullmatch(last) is not None and not _SESSION.fullmatch(last)
    return short or _SEQUENCE.fullmatch(last) is not None


def _without_iso(text: str) -> str:
    """Return the text with a time as frame IDs have it, where it begins with one as people write it."""
    match = _ISO.match(text)
    if match is None or text[match.end() : match.end() + 1] not in {"", "_"}:
        return text
    year, month, day, *clock = (part or "" for part in match.groups())
    digits = "".join(clock)
    return f"{year}{month}{day}" + (f"T{digits}" if digits else "") + text[match.end() :]


def _window(part: str, text: str) -> tuple[datetime, datetime]:
    clock = part[9:]
    try:
        begin = datetime.strptime(part[:8] + clock.ljust(12, "0"), "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
        return begin, begin + _STEPS[len(clock)]
    except (ValueError, OverflowError):
        raise InvalidFrameQueryError(text) from None
