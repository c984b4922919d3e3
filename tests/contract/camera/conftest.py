"""A simulated camera on loopback, and a reader as the runtime reads: PyAV over TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av
import pytest

from scripts.camera.clip import ClipSpec
from scripts.camera.counter import read_cells
from scripts.camera.local import CameraOptions, running_camera

#: A short loop: a reader of a few seconds goes over its end several times.
LOOP = ClipSpec(640, 360, 15, seconds=2)


@dataclass(frozen=True)
class Seen:
    """A picture as it arrived: seconds on the stream's clock, its size, and the number burned in."""

    seconds: float
    width: int
    height: int
    number: int


@pytest.fixture(scope="session")
def loop() -> ClipSpec:
    return LOOP


@pytest.fixture(scope="session")
def camera_url() -> Iterator[str]:
    with running_camera(CameraOptions(clip=LOOP, port=0, cameras=2)) as url:
        yield url


@pytest.fixture(scope="session")
def read() -> Callable[[str, int], list[Seen]]:
    """Reads so many pictures of a stream; FFmpeg gives the first one no time stamp, so it is left out."""

    def run(url: str, count: int) -> list[Seen]:
        with av.open(url, options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
            stream = container.streams.video[0]
            seen: list[Seen] = []
            for frame in container.decode(stream):
                if frame.pts is not None and frame.time_base is not None:
                    number = read_cells(frame.to_ndarray(format="gray"))
                    seen.append(Seen(float(frame.pts * frame.time_base), frame.width, frame.height, number))
                if len(seen) == count:
                    break
            return seen

    return run
