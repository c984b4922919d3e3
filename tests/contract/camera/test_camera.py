"""What the simulated camera promises to the runtime and to tests, read over RTSP from the real server."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from typing import Any

import av
import pytest

from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraError, CameraOptions, running_camera

pytestmark = pytest.mark.contract

_Read = Callable[[str, int], list[Any]]


def test_time_stamps_and_numbers_go_on_over_the_end_of_the_loop(camera_url: str, read: _Read, loop: ClipSpec) -> None:
    seen = read(camera_url, 4 * loop.count)

    steps = {round((later.seconds - earlier.seconds) * loop.fps, 2) for earlier, later in itertools.pairwise(seen)}
    assert steps == {1.0}
    first = seen[0].number
    assert [picture.number for picture in seen] == [(first + place) % loop.count for place in range(len(seen))]


def test_a_camera_serves_the_size_that_was_asked_for(camera_url: str, read: _Read) -> None:
    [picture] = read(camera_url, 1)

    assert (picture.width, picture.height) == (640, 360)


def test_two_viewers_and_two_streams_do_not_disturb_one_another(camera_url: str, read: _Read) -> None:
    with av.open(camera_url, options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as first:
        frames = first.decode(video=0)
        next(frames)
        assert len(read(camera_url, 5)) == 5
        assert len(read(camera_url.replace("cam01", "cam02"), 5)) == 5
        assert next(frames).width == 640


def test_a_stream_that_is_not_there_is_refused(camera_url: str) -> None:
    with pytest.raises(av.error.HTTPNotFoundError):
        av.open(camera_url.replace("cam01", "cam77"), options={"rtsp_transport": "tcp"}, timeout=(5, 5))


@pytest.mark.parametrize("basic", [False, True], ids=["Digest", "Basic"])
def test_a_camera_with_a_password_lets_in_only_who_has_it(basic: bool, read: _Read, loop: ClipSpec) -> None:  # noqa: FBT001 - a parameter of the table
    options = CameraOptions(clip=loop, port=0, user="viewer", password="s3cret", basic=basic)
    with running_camera(options) as url:
        for wrong in (url, url.replace("//", "//viewer:wrong@")):
            with pytest.raises(av.error.HTTPUnauthorizedError):
                av.open(wrong, options={"rtsp_transport": "tcp"}, timeout=(5, 5))
        assert len(read(url.replace("//", "//viewer:s3cret@"), 3)) == 3


def test_a_taken_port_is_told(loop: ClipSpec) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(CameraError, match="not free"),
            running_camera(CameraOptions(clip=loop, port=taken.getsockname()[1])),
        ):
            pytest.fail("a camera came up on a port that another program has")
