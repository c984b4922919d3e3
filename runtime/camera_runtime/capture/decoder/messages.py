"""What the decoder's process tells its parent: one short message each, through a socket that keeps their bounds. Pure.

Pictures themselves are in shared memory. The parent takes nothing for granted: a message that cannot be raises.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from camera_runtime.capture.events import Event, Lost, LostReason, Noted, Passed, Received, TakenPicture
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["MOST_BYTES", "OUT_OF_MEMORY", "Failed", "Layout", "Opened", "decode", "encode", "encode_picture"]

MOST_BYTES: Final = 1024
OUT_OF_MEMORY: Final = 77
"""Exit code of a decoder that had not even the memory to say so."""

_PICTURE: Final = struct.Struct("<cIIqq4q4Iq2qBI8s")
_LAYOUT: Final = struct.Struct("<cQI")
_LOST: Final = struct.Struct("<cqqI")
_PASSED: Final = struct.Struct("<cqqIIq")
_NOTED: Final = struct.Struct("<cI")
_KEYFRAME, _CORRUPT, _MARKED, _STAMPED = 1, 2, 4, 8
_NO_MARK: Final = -1
_MAX_TEXT: Final = 500
_LOST_KINDS: Final = {LostReason.MALFORMED: b"M", LostReason.OVERFLOW: b"V"}
_LOST_REASONS: Final = {kind: reason for reason, kind in _LOST_KINDS.items()}


@dataclass(frozen=True, slots=True)
class Opened:
    """The stream is open; pictures follow."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The ring has these slots from now on."""

    slot_size: int
    slots: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The connection is over."""

    error: SourceError


def encode(message: Opened | Layout | Failed | Lost | Passed | Noted) -> bytes:
    """Return a message as it is sent."""
    match message:
        case Opened():
            return b"O"
        case Layout(slot_size, slots):
            return _LAYOUT.pack(b"L", slot_size, slots)
        case Failed(error):
            return b"F" + f"{error.problem.value}\n{error}".encode()[:_MAX_TEXT]
        case Lost(received, reason, detail, count):
            head = _LOST.pack(_LOST_KINDS[reason], received.wall_ns, received.monotonic_ns, count)
            return head + detail.encode()[:_MAX_TEXT]
        case Passed(received, count, corrupt, mark):
            shown = _NO_MARK if mark is None else mark
            return _PASSED.pack(b"S", received.wall_ns, received.monotonic_ns, count, corrupt, shown)
        case Noted(problem, count):
            return _NOTED.pack(b"N", count) + problem.value.encode()


def encode_picture(picture: TakenPicture, slot: int) -> bytes:
    """Return the message for a picture that is in `slot`."""
    base = picture.time_base
    flags = _KEYFRAME * picture.keyframe + _CORRUPT * picture.corrupt
    flags += _MARKED * (picture.mark is not None) + _STAMPED * (picture.pts is not None)
    return _PICTURE.pack(
        b"P", slot, len(picture.data), picture.received.wall_ns, picture.received.monotonic_ns,
        *picture.decode_ns, *picture.process_ns, *picture.camera_size, *picture.size,
        picture.pts or 0, base.numerator if base else 0, base.denominator if base else 1,
        flags, picture.mark or 0, picture.encoding.encode(),
    )  # fmt: skip


def decode(data: bytes, take: Callable[[int, int], bytes]) -> Event | Opened | Layout | Failed:
    """Read a message; `take` copies a picture of a slot and size out of shared memory.

    Raises:
        ValueError: if it is none, or `take` refuses.
    """
    try:
        return _decode(data, take)
    except (struct.error, UnicodeDecodeError, KeyError, ZeroDivisionError):
        raise ValueError("a message that is none") from None


def _decode(data: bytes, take: Callable[[int, int], bytes]) -> Event | Opened | Layout | Failed:
    kind = data[:1]
    if kind == b"P":
        return _picture(data, take)
    reader = _READERS.get(kind)
    if reader is None:
        raise ValueError("a message of no kind")
    return reader(data)


def _lost(data: bytes) -> Lost:
    kind, wall, monotonic, count = _LOST.unpack_from(data)
    return Lost(Received(wall, monotonic), _LOST_REASONS[kind], data[_LOST.size :].decode(errors="replace"), count)


def _passed(data: bytes) -> Passed:
    _, wall, monotonic, count, corrupt, mark = _PASSED.unpack(data)
    return Passed(Received(wall, monotonic), count, corrupt, None if mark == _NO_MARK else mark)


def _failed(data: bytes) -> Failed:
    problem, _, detail = data[1:].decode(errors="replace").partition("\n")
    return Failed(SourceError(Problem(problem), detail))


_READERS: Final[dict[bytes, Callable[[bytes], Event | Opened | Layout | Failed]]] = {
    b"F": _failed,
    b"L": lambda data: Layout(*_LAYOUT.unpack(data)[1:]),
    b"M": _lost,
    b"N": lambda data: Noted(Problem(data[_NOTED.size :].decode()), _NOTED.unpack_from(data)[1]),
    b"O": lambda _: Opened(),
    b"S": _passed,
    b"V": _lost,
}


def _picture(data: bytes, take: Callable[[int, int], bytes]) -> TakenPicture:
    (
        _, slot, size, wall, monotonic, decode_begun, decode_ended, begun, ended,
        camera_width, camera_height, width, height, pts, base_over, base_under, flags, mark, encoding,
    ) = _PICTURE.unpack(data)  # fmt: skip
    return TakenPicture(
        received=Received(wall, monotonic),
        decode_ns=(decode_begun, decode_ended),
        process_ns=(begun, ended),
        camera_size=(camera_width, camera_height),
        size=(width, height),
        encoding=encoding.rstrip(b"\0").decode("ascii"),
        data=take(slot, size),
        keyframe=bool(flags & _KEYFRAME),
        pts=pts if flags & _STAMPED else None,
        time_base=_fraction(base_over, base_under),
        corrupt=bool(flags & _CORRUPT),
        mark=mark if flags & _MARKED else None,
    )


def _fraction(over: int, under: int) -> Fraction | None:
    """Return a stream's time base; it is the same for every picture, and making a fraction costs more than the rest."""
    if not over:
        return None
    known = _bases.get((over, under))
    if known is None:
        _bases.clear()
        known = _bases[over, under] = Fraction(over, under)
    return known


_bases: dict[tuple[int, int], Fraction] = {}
