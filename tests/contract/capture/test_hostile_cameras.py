"""Cameras that want the password of another, or that say nothing: no byte goes where it should not, no wait is long."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.capture.decoder.feed import DecoderFeed
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.rtsp import CredentialFiles

pytestmark = pytest.mark.contract
NewFeed = Callable[..., DecoderFeed]
OK = "RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n"
SDP = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:{control}\r\n"
ASKS = 'RTSP/1.0 401 Unauthorized\r\nCSeq: {cseq}\r\nWWW-Authenticate: Basic realm="cam"\r\n\r\n'


def described(control: str, base: str) -> str:
    body = SDP.replace("{control}", control)
    head = f"{OK}Content-Base: {base}\r\nContent-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n"
    return head + body


def failure(camera: DecoderFeed) -> SourceError:
    with pytest.raises(SourceError) as caught:
        camera.open()
    return caught.value


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "305 Use Proxy", "399 What"])
def test_a_redirect_is_cut_before_anything_reaches_the_other_host(
    rtsp: Any, feed: NewFeed, secret: CredentialFiles, method: str, status: str
) -> None:
    other = rtsp({"OPTIONS": ASKS, "DESCRIBE": ASKS})
    redirect = f"RTSP/1.0 {status}\r\nCSeq: {{cseq}}\r\nLocation: {other.url}\r\n\r\n"
    answers = {
        "DESCRIBE": described("track1", "rtsp://127.0.0.1:{port}/cam01/").replace("{port}", "1"),
        "SETUP": f"{OK}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
        method: redirect,
    }
    first = rtsp(answers)
    found = failure(feed(first.url, secret))
    assert found.problem is Problem.REDIRECTED
    assert other.connections == 0
    assert first.connections == 1


def test_a_redirect_that_hides_behind_a_first_good_answer_is_cut(
    rtsp: Any, feed: NewFeed, secret: CredentialFiles
) -> None:
    other = rtsp({})
    hidden = f"RTSP/1.0 302 Found\r\nCSeq: {{cseq}}\r\nLocation: {other.url}\r\n\r\n"
    body = "Content-Length: 0\r\nContent-Length: " + str(len(hidden) - 4)
    first = rtsp({"DESCRIBE": f"{OK}{body}\r\n\r\n{hidden}"})
    assert failure(feed(first.url, secret)).problem is Problem.INVALID_STREAM
    assert other.connections == 0


def test_addresses_in_the_answers_are_never_dialled(rtsp: Any, feed: NewFeed, secret: CredentialFiles) -> None:
    other = rtsp({"SETUP": ASKS})
    answers = {
        "DESCRIBE": described(f"{other.url}/track1", f"{other.url}/"),
        "SETUP": f"{OK}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
        "PLAY": "RTSP/1.0 454 Session Not Found\r\nCSeq: {cseq}\r\n\r\n",
    }
    first = rtsp(answers)
    failure(feed(first.url, secret))
    assert other.connections == 0
    assert f"SETUP {other.url}/track1".encode() in first.received


def test_the_login_goes_to_the_camera_only_when_it_asks(rtsp: Any, feed: NewFeed, secret: CredentialFiles) -> None:
    camera = rtsp({"DESCRIBE": ASKS})
    assert failure(feed(camera.url, secret)).problem is Problem.UNAUTHORIZED
    describes = [part for part in camera.received.split(b"\r\n\r\n") if part.startswith(b"DESCRIBE")]
    assert b"Authorization" not in describes[0]
    assert b"Authorization: Basic" in describes[1]
    assert b"s3cret" not in camera.received


def test_udp_is_not_accepted_instead_of_tcp(rtsp: Any, feed: NewFeed) -> None:
    camera = rtsp(
        {
            "DESCRIBE": described("track1", "rtsp://127.0.0.1:{port}/cam01/").replace("{port}", "1"),
            "SETUP": f"{OK}Transport: RTP/AVP;unicast;client_port=9-10;server_port=9-10\r\nSession: 1\r\n\r\n",
        }
    )
    assert failure(feed(camera.url)).problem is Problem.INVALID_STREAM
    assert b"PLAY" not in camera.received


@pytest.mark.parametrize("drip", [b"", b"R", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n"])
def test_a_camera_that_falls_silent_is_found_within_ten_seconds(server: Any, feed: NewFeed, drip: bytes) -> None:
    def talk(self: Any, connection: socket.socket) -> None:
        for byte in drip or b"\0":
            self.read(connection) if not drip else connection.sendall(bytes([byte]))
            self.ended.wait(0.3)
        self.ended.wait(30)

    begun = time.monotonic()
    found = failure(feed(server(talk).url))
    assert found.problem is Problem.SILENT
    assert time.monotonic() - begun < 10


def test_a_stream_that_falls_silent_is_found_within_ten_seconds(camera_url: str, server: Any, feed: NewFeed) -> None:
    port = int(camera_url.split(":")[2].split("/", maxsplit=1)[0])

    def talk(self: Any, connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as camera:
            begun = time.monotonic()
            for side in (connection, camera):
                side.settimeout(0.02)
            while time.monotonic() - begun < 2:
                for side, peer in ((connection, camera), (camera, connection)):
                    try:
                        peer.sendall(side.recv(65536))
                    except TimeoutError:
                        continue
            self.ended.wait(30)

    camera = feed(f"rtsp://127.0.0.1:{server(talk).port}/cam01")
    camera.open()
    arrived = [time.monotonic()]
    with pytest.raises(SourceError) as found:
        arrived.extend(time.monotonic() for _ in camera.events())
    assert found.value.problem is Problem.SILENT
    assert time.monotonic() - arrived[-1] < 10


def test_an_endless_header_is_cut(server: Any, feed: NewFeed) -> None:
    def talk(self: Any, connection: socket.socket) -> None:
        self.read(connection)
        connection.sendall(b"RTSP/1.0 200 OK\r\n")
        while not self.ended.is_set():
            connection.sendall(b"X-Padding: " + b"x" * 1000 + b"\r\n")

    assert failure(feed(server(talk).url)).problem is Problem.INVALID_STREAM


def test_an_address_that_is_not_allowed_is_not_dialled(rtsp: Any, feed: NewFeed) -> None:
    camera = rtsp({})
    assert failure(feed(camera.url, rule=NetworkRule())).problem is Problem.ADDRESS_DENIED
    assert camera.connections == 0


def test_the_name_is_resolved_once_a_connect_and_the_checked_address_is_dialled(rtsp: Any, feed: NewFeed) -> None:
    camera, asked = rtsp({"OPTIONS": ASKS, "DESCRIBE": ASKS}), []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    url = camera.url.replace("127.0.0.1", "camera.invalid")
    first, second = (feed(url, resolver=rebinding) for _ in range(2))
    assert failure(first).problem is Problem.UNAUTHORIZED
    assert failure(second).problem is Problem.ADDRESS_DENIED
    assert asked == [("camera.invalid", camera.port)] * 2


def test_nobody_answers_is_unreachable_and_an_unknown_name_too(feed: NewFeed) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert failure(feed(f"rtsp://127.0.0.1:{port}/")).problem is Problem.UNREACHABLE
    assert failure(feed("rtsp://no-such-camera.invalid/")).problem is Problem.UNRESOLVABLE


def test_no_failure_shows_the_password(
    rtsp: Any, server: Any, feed: NewFeed, secret: CredentialFiles, capfd: pytest.CaptureFixture[str]
) -> None:
    def hang_up(self: Any, connection: socket.socket) -> None:
        self.read(connection)

    urls = [
        rtsp({"OPTIONS": ASKS, "DESCRIBE": ASKS}).url,
        rtsp({"DESCRIBE": f"{OK}Content-Length: 3\r\n\r\nxyz"}).url,
        rtsp({"DESCRIBE": "RTSP/1.0 500 Oops\r\nCSeq: {cseq}\r\n\r\n"}).url,
        server(hang_up).url,
        "rtsp://127.0.0.1:1/",
    ]
    shown = ""
    for url in urls:
        error = failure(feed(url, secret))
        assert error.__cause__ is None
        assert error.__context__ is None
        shown += f"{error!r} {error} {error.args}"
    shown += "".join(capfd.readouterr()) + Path("/proc/self/cmdline").read_text()
    for secret_form in ("c4nary", "s3cret"):
        assert secret_form not in shown
