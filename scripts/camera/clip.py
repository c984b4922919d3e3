"""Draws and encodes the camera's loop, once: a textured scene, a moving box, and each picture's number.

Encoding is the costly part of a simulated camera; a finished loop costs its server next to nothing.
Knows nothing of RTSP.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from scripts.camera import clipfile
from scripts.camera.clipfile import Clip
from scripts.camera.counter import CELLS, draw_cells, draw_digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.camera.counter import Luma

__all__ = ["ClipSpec", "cached_clip", "encode", "pictures"]

_MAX_FPS = 120
_SOURCES = ("clip.py", "counter.py", "clipfile.py")


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """A loop to make: size in pixels (even; the width a multiple of 32), pictures a second, and its length."""

    width: int = 1920
    height: int = 1080
    fps: int = 30
    seconds: int = 60

    @property
    def count(self) -> int:
        """How many pictures the loop has; the burned-in number begins again after it."""
        return self.fps * self.seconds

    @classmethod
    def parse(cls, size: str, fps: int, seconds: int = 60) -> ClipSpec:
        """Read a size such as ``640x360``.

        Raises:
            ValueError: the size is malformed, or H.264 and the number's cells cannot have it.
        """
        width, _, height = size.partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            raise ValueError(f"a size looks like 640x360, got {size!r}")
        spec = cls(int(width), int(height), fps, seconds)
        if spec.width % CELLS or spec.height % 2 or spec.width < 10 * CELLS or not 1 <= fps <= _MAX_FPS:
            raise ValueError(
                f"the width must be a multiple of 32 from 320, the height even, fps 1 to {_MAX_FPS}: {spec}"
            )
        return spec


def cached_clip(spec: ClipSpec, progress: Callable[[int], None] | None = None) -> Path:
    """Return the file of ``spec``'s loop, encoded now if no earlier run left it in the user's cache directory.

    ``progress`` is called with the number of pictures done.
    """
    digest = hashlib.sha256(repr(sorted(asdict(spec).items())).encode())
    for name in _SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "frametrace" / "clips" / f"{spec.width}x{spec.height}-{spec.fps}-{digest.hexdigest()[:16]}.clip"
    if not path.exists():
        clipfile.save(encode(spec, progress), path)
    return path


def encode(spec: ClipSpec, progress: Callable[[int], None] | None = None) -> Clip:
    """Encode ``spec``'s loop: H.264 without B pictures, a key frame a second, parameter sets at each of them."""
    with av.open(os.devnull, "w", format="h264") as sink:
        stream = sink.add_stream("libx264", rate=spec.fps)
        stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
        stream.thread_type = "FRAME"  # not slices: some receivers take each slice for a picture
        stream.options = {"preset": "veryfast", "crf": "27", "bf": "0", "x264-params": f"keyint={spec.fps}:scenecut=0"}
        units: list[bytes] = []
        for done, luma in enumerate(pictures(spec), 1):
            units.extend(bytes(packet) for packet in stream.encode(_frame(luma)))
            if progress:
                progress(done)
        units.extend(bytes(packet) for packet in stream.encode(None))
    if len(units) != spec.count:
        raise ValueError(f"the encoder made {len(units)} access units of {spec.count} pictures")
    return Clip(spec.width, spec.height, spec.fps, tuple(units))


def pictures(spec: ClipSpec) -> Iterator[Luma]:
    """Yield the loop's pictures as luma planes of shape (height, width); each is valid until the next one."""
    scene = _scene(spec)
    box = spec.height // 6
    for number in range(spec.count):
        luma = scene.copy()
        x = (number * max(2, spec.width // 300)) % (spec.width - box)
        luma[spec.height // 2 : spec.height // 2 + box, x : x + box] = 220
        draw_cells(luma, number)
        draw_digits(luma, number)
        yield luma


def _scene(spec: ClipSpec) -> Luma:
    """Return a still background with texture: a flat one would make a stream that decodes faster than any real one."""
    slope = np.linspace(60, 170, spec.width)[None, :] + np.linspace(-30, 30, spec.height)[:, None]
    grain = np.random.default_rng(1).normal(0, 9, (spec.height, spec.width))
    return (slope + grain).clip(16, 235).astype(np.uint8)


def _frame(luma: Luma) -> av.VideoFrame:
    height, width = luma.shape
    chroma = np.full((height // 2, width), 128, np.uint8)
    return av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
