"""Clips: what can be asked for, and that a file is read whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.camera import clipfile
from scripts.camera.clip import ClipSpec, pictures
from scripts.camera.clipfile import Clip, ClipError
from scripts.camera.counter import read_cells


def test_a_clip_is_read_as_it_was_saved(tmp_path: Path) -> None:
    clip = Clip(640, 360, 15, (b"\0\0\1key", b"", b"\0\0\1next"))

    clipfile.save(clip, tmp_path / "a.clip")

    assert clipfile.load(tmp_path / "a.clip") == clip
    assert [path.name for path in tmp_path.iterdir()] == ["a.clip"]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: b"x" + data], ids=["cut short", "another kind"]
)
def test_a_damaged_clip_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.clip"
    clipfile.save(Clip(640, 360, 15, (b"one", b"two")), path)

    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(ClipError):
        clipfile.load(path)


@pytest.mark.parametrize(
    ("size", "fps"),
    [("640", 15), ("axb", 15), ("650x360", 15), ("640x361", 15), ("64x36", 15), ("640x360", 0), ("640x360", 121)],
)
def test_a_size_that_cannot_be_made_is_refused(size: str, fps: int) -> None:
    with pytest.raises(ValueError, match=r"640x360|multiple of 32"):
        ClipSpec.parse(size, fps)


def test_every_picture_of_a_loop_carries_its_number() -> None:
    spec = ClipSpec.parse("320x180", 5, seconds=2)

    assert [read_cells(luma) for luma in pictures(spec)] == list(range(10))
