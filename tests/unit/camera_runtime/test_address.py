from __future__ import annotations

import pytest
from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.open import Camera
from camera_runtime.capture.problem import Problem, SourceError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rtsp://cam.local/stream", RtspAddress("cam.local", 554, "/stream", tls=False)),
        ("rtsp://10.0.0.7:8554/a?b=c&d", RtspAddress("10.0.0.7", 8554, "/a?b=c&d", tls=False)),
        ("RTSPS://cam", RtspAddress("cam", 322, "", tls=True)),
        ("rtsp://[fd00::7]:554/x", RtspAddress("fd00::7", 554, "/x", tls=False)),
    ],
)
def test_a_url_is_taken_apart(url: str, expected: RtspAddress) -> None:
    assert RtspAddress.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://cam/stream",
        "file:///etc/passwd",
        "rtsp://user:s3cret@cam/stream",
        "rtsp://@cam/stream",
        "rtsp:///stream",
        "rtsp://cam:99999/",
        "rtsp://cam:0/",
        "rtsp://cam/a b",
        "rtsp://cam/a\r\nb",
        "rtsp://c%0dam/",
        "rtsp://[::1",
        "rtsp://[1:2]:8554/x",
        "test://x]2:000",
        "rtsp://cam/" + "a" * 3000,
        "concat:a|b",
        "",
    ],
)
def test_any_other_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SourceError) as refusal:
        Camera(url)
    assert refusal.value.problem is Problem.INVALID_URL
    assert "s3cret" not in str(refusal.value)


@given(st.text(max_size=60))
def test_no_text_gets_past_the_parser_as_something_else(text: str) -> None:
    refused = False
    try:
        address = RtspAddress.parse(text)
    except SourceError:
        refused = True
    assert refused or text.lower().startswith(("rtsp://", "rtsps://"))
    assert refused or not set(address.host + address.target) & set("\r\n @")
