from __future__ import annotations

import pytest
from camera_runtime.capture.file_address import FileAddress
from camera_runtime.capture.open import Camera
from camera_runtime.capture.problem import Problem, SourceError


def test_a_recording_loops_and_keeps_a_cameras_pace_unless_told_otherwise() -> None:
    assert FileAddress.parse("file:///videos/my%20yard.mp4") == FileAddress("/videos/my yard.mp4")
    assert FileAddress.parse("file:///a.mp4?loop=no&pace=none") == FileAddress("/a.mp4", loops=False, paced=False)


@pytest.mark.parametrize(
    "url",
    ["file://host/a.mp4", "file:a.mp4", "file:///a.mp4?loop=maybe", "file:///a?x=1", "http:///a", "file:///a%00b"],
)
def test_another_url_is_no_recording(url: str) -> None:
    with pytest.raises(SourceError) as refusal:
        FileAddress.parse(url)
    assert refusal.value.problem is Problem.INVALID_URL


def test_recordings_are_sources_only_where_the_caller_allows_them() -> None:
    with pytest.raises(SourceError):
        Camera("file:///etc/passwd")
    Camera("file:///etc/passwd", allow_files=True)
