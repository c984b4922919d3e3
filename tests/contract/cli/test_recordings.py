# ruff: noqa: ANN001 - the command's type lives in conftest.py, which cannot be imported
"""A recording as a camera: here only, and every picture of it once."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

pytestmark = pytest.mark.contract
PICTURES = 30


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "yard clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(PICTURES):
            level = np.full((180, 320, 3), number * 8, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(level, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_recording_is_read_once_and_ends_the_pipeline(frametrace, clip: Path) -> None:
    path = frametrace.resource(cameras=[{"id": "cam01", "source": {"url": f"{clip.as_uri()}?loop=no"}}])

    numbers = json.loads(frametrace.run("run", path, "--json"))

    assert (numbers["captured"], numbers["in_flight"]) == (PICTURES, 0)
    assert numbers["ended"] == {"completed": PICTURES, "dropped": 0, "dead_lettered": 0}


def test_a_path_is_seen_from_the_resources_file_and_read_again_and_again(frametrace, clip: Path) -> None:
    path = frametrace.resource(cameras=[{"id": "cam01", "source": {"url": clip.name}}])

    numbers = json.loads(frametrace.run("run", path, "--json", "--frames", str(PICTURES + 5)))

    assert numbers["captured"] >= PICTURES + 5


def test_a_wrong_file_url_is_said_in_one_line(frametrace) -> None:
    path = frametrace.resource(cameras=[{"id": "cam01", "source": {"url": "file://elsewhere/a.mp4"}}])

    said = frametrace.run("run", path, code=78)

    assert said == f"frametrace: {path}: camera cam01: a recording is file:///path/to/it, perhaps with ?loop=no\n"
