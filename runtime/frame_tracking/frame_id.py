"""FrameID: the name of one captured frame, sortable by time, from which its trace ID is computed.

Text: `<UTC microseconds>_<camera>_<session>_<sequence>`, e.g. `20240315T101530123456_cam01_a7f3c_000123`. The older
form `20240315_cam01_000123` (a day, no session) is read too. Pure: the time comes from `frame_tracking.generator`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import ClassVar, Final, Self

__all__ = ["CAMERA_PATTERN", "SESSION_PATTERN", "FrameID", "InvalidFrameIDError", "trace_id_of"]

CAMERA_PATTERN: Final = r"[a-z0-9](?:[-a-z0-9]{0,30}[a-z0-9])?"
"""A camera's ID: a DNS label of at most 32 characters, so no underscore."""

SESSION_PATTERN: Final = r"[0-9a-hjkmnp-tv-z]{5}"
"""A session: five base-32 characters."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT: Final = re.compile(
    rf"(?P<day>[0-9]{{8}})(?:T(?P<clock>[0-9]{{12}}))?_(?P<camera>{CAMERA_PATTERN})"
    rf"(?:_(?P<session>{SESSION_PATTERN}))?_(?P<sequence>[0-9]{{6,18}})",
)
_MAX_SHOWN: Final = 80


class InvalidFrameIDError(ValueError):
    """A text that is no frame ID; the message quotes it and shows the form."""

    def __init__(self, text: str) -> None:
        shown = repr(text[:_MAX_SHOWN]) + ("…" if len(text) > _MAX_SHOWN else "")
        super().__init__(f"{shown} is not a frame ID such as 20240315T101530123456_cam01_a7f3c_000123")


class FrameID(str):  # noqa: SLOT000 - cached_property needs the instance's __dict__
    """One captured frame's ID. A `str`, so that lexical order is time order and it can be stored anywhere.

    Attributes:
        time: capture time in UTC, to the microsecond (midnight for the older, day-only form).
        camera: the camera's ID.
        session: the capture process's life, five base-32 characters; None in the older form.
        sequence: position in the session, from 1, dense: a gap is a lost frame.

    Raises:
        InvalidFrameIDError: if the text is not a frame ID.
    """

    time: datetime
    camera: str
    session: str | None
    sequence: int
    source: ClassVar[Callable[[str], FrameID]]
    """What `generate` asks; `frame_tracking.generator`, which knows clocks, puts itself here."""

    def __new__(cls, text: str) -> Self:
        """Parse `text`."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise InvalidFrameIDError(text)
        day, clock, camera, session, sequence = match.groups()
        if (clock is None) != (session is None):
            raise InvalidFrameIDError(text)
        try:
            time = _time(day, clock or "0" * 12)
        except ValueError:
            raise InvalidFrameIDError(text) from None
        return cls._of(text, time, camera, session, int(sequence))

    @classmethod
    def build(cls, time: datetime, camera: str, session: str, sequence: int) -> Self:
        """Compose an ID of parts that are already known to be valid (the generator's hot path)."""
        iso = time.isoformat(timespec="microseconds")  # strftime takes three times as long
        clock = f"{iso[:4]}{iso[5:7]}{iso[8:13]}{iso[14:16]}{iso[17:19]}{iso[20:26]}"
        text = f"{clock}_{camera}_{session}_{sequence:06d}"
        return cls._of(text, time, camera, session, sequence)

    @classmethod
    def generate(cls, camera: str = "cam01") -> FrameID:
        """Return a new ID of this process: unique, and later than every earlier one of the same camera and session.

        Raises:
            ValueError: if `camera` is not a DNS label of at most 32 characters.
        """
        return cls.source(camera)

    @classmethod
    def _of(cls, text: str, time: datetime, camera: str, session: str | None, sequence: int) -> Self:
        frame_id = super().__new__(cls, text)
        frame_id.time, frame_id.camera, frame_id.session, frame_id.sequence = time, camera, session, sequence
        return frame_id

    def __getnewargs__(self) -> tuple[str]:
        return (str(self),)

    @cached_property
    def trace_id(self) -> str:
        """The frame's trace ID as 32 lower-case hexadecimal digits, computed from the text alone."""
        return trace_id_of(self)

    @property
    def is_exact(self) -> bool:
        """False for the older, day-only form, which may mean several frames."""
        return self.session is not None


def _time(day: str, clock: str) -> datetime:
    """Compose a time; datetime.strptime takes ten times as long, and every hop of every frame passes here."""
    year, month, date = int(day[:4]), int(day[4:6]), int(day[6:])
    hour, minute, second, micro = int(clock[:2]), int(clock[2:4]), int(clock[4:6]), int(clock[6:])
    return datetime(year, month, date, hour, minute, second, micro, tzinfo=UTC)


def trace_id_of(frame_id: FrameID) -> str:
    """Compute a frame's trace ID: 48 bits of milliseconds since 1970, then 80 bits of the text's BLAKE2b hash.

    The low 64 bits are all hash, so that ratio samplers, which compare those, see uniform values.
    """
    milliseconds = (frame_id.time - _EPOCH) // timedelta(milliseconds=1)
    return f"{milliseconds & 0xFFFFFFFFFFFF:012x}{blake2b(frame_id.encode(), digest_size=10).hexdigest()}"
