"""A clip on disk: one H.264 loop, cut into access units, so that a server needs no parser.

Standard library only: the RTSP server runs it under the system's Python. Knows nothing of encoders or of RTSP.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["Clip", "ClipError", "load", "save"]

_MAGIC = b"frametrace-clip 1\n"


class ClipError(ValueError):
    """The file is not a clip of this version."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An H.264 loop (Annex B) that begins with a key frame; ``units`` holds one access unit a picture."""

    width: int
    height: int
    fps: int
    units: tuple[bytes, ...] = field(repr=False)


def save(clip: Clip, path: Path) -> None:
    """Write ``clip`` to ``path`` in one step: no reader ever sees half of it."""
    head = {**asdict(clip), "units": [len(unit) for unit in clip.units]}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(_MAGIC + json.dumps(head).encode() + b"\n" + b"".join(clip.units))
    part.replace(path)


def load(path: Path) -> Clip:
    """Read the clip at ``path``.

    Raises:
        ClipError: the file is not a clip, or not whole.
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise ClipError(f"{path} is not a clip of this version")
    head_line, body = data[len(_MAGIC) :].split(b"\n", 1)
    head = json.loads(head_line)
    if sum(head["units"]) != len(body):
        raise ClipError(f"{path} is not whole: {len(body)} bytes of {sum(head['units'])}")
    return Clip(head["width"], head["height"], head["fps"], tuple(_cut(body, head["units"])))


def _cut(body: bytes, sizes: list[int]) -> list[bytes]:
    units: list[bytes] = []
    start = 0
    for size in sizes:
        units.append(body[start : start + size])
        start += size
    return units
