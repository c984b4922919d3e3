"""The bare redis-py loop that `throughput.py` compares with: what somebody would write by hand who needs no promises."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from redis import Redis

__all__ = ["BareLoop"]

_SECONDS = 60
_ENTRIES = 1000
_AT_ONCE = 4


class BareLoop:
    """Sends and receives frames of `picture`."""

    def __init__(self, url: str, picture: bytes) -> None:
        self._picture = picture
        self._client: Any = Redis.from_url(url, protocol=2)
        self._client.xgroup_create("bare", "stage", "0", mkstream=True)
        self._number = count(1)

    def send(self, frames: int) -> None:
        """Write pictures and their entries."""
        for number in range(frames):
            name = f"20240315T101530123456_cam01_a7f3c_{next(self._number):06d}"
            metadata = {"version": 1, "frame_id": name, "timestamp": "2024-03-15T10:15:30.123456+00:00"}
            metadata |= {"width": 1920, "height": 1080, "encoding": "jpeg", "pts": number, "keyframe": False}
            entry = {
                "frame_id": name,
                "traceparent": "00-018e41bd6a43a1b2c3d4e5f607182930-00f067aa0ba902b7-03",
                "tracestate": "",
                "metadata": json.dumps(metadata),
                "picture": f"bare:picture:{name}",
                "to": "stage",
            }
            pipeline = self._client.pipeline(transaction=False)
            pipeline.set(entry["picture"], self._picture, ex=_SECONDS)
            pipeline.xadd("bare", entry, maxlen=_ENTRIES)
            pipeline.execute()

    def receive(self, frames: int) -> None:
        """Read entries and their pictures, and acknowledge."""
        left = frames
        while left:
            ((_, found),) = self._client.xreadgroup("stage", "replica", {"bare": ">"}, count=_AT_ONCE, block=1000)
            for entry_id, entry in found:
                json.loads(entry[b"metadata"])
                if len(self._client.get(entry[b"picture"])) != len(self._picture):
                    raise RuntimeError("a picture came back with another size")
                self._client.xack("bare", "stage", entry_id)
            left -= len(found)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
