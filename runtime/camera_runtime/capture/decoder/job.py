"""What the decoder's process is told to do: one connection's address and how to make its pictures. Pure, but for files.

It goes over the socket, never by arguments or environment: the URL holds a camera's login.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal, Self

__all__ = ["Job", "PictureSettings"]


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How published pictures are made; see the resource's `capture`.

    Attributes:
        frames_per_second: most of them; empty takes all.
        max_width: pixels; 0 keeps the camera's.
    """

    frames_per_second: str = ""
    max_width: int = 0
    encoding: Literal["JPEG", "Raw"] = "JPEG"
    jpeg_quality: int = 85


@dataclass(frozen=True, slots=True)
class Job:
    """One connection.

    Attributes:
        url: of the relay, a test source or a file.
    """

    url: str = field(repr=False)
    pictures: PictureSettings = PictureSettings()

    def to_bytes(self) -> bytes:
        """Return the job as it is sent."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a job that was sent."""
        fields = json.loads(data)
        return cls(fields["url"], PictureSettings(**fields["pictures"]))
