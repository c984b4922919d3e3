"""Time stamps that people and their tools write into annotations, as RFC 3339 has them. Pure."""

import re
from datetime import datetime
from typing import Final

__all__ = ["refusal", "time_stamp"]

_TIME_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_MOST_SHOWN: Final = 40


def time_stamp(value: str) -> datetime | None:
    """The time that an RFC 3339 time stamp stands for; None if it is none."""
    if not _TIME_STAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def refusal(name: str, value: str) -> str:
    """Why the annotation `name` is not obeyed, a sentence; empty if its value is a time stamp, or nothing."""
    if not value or time_stamp(value) is not None:
        return ""
    shown = value[:_MOST_SHOWN]
    return f"the annotation {name} is refused: {shown!r} is no time stamp such as 2026-03-01T12:00:00Z"
