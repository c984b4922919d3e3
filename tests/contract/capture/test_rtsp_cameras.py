"""RTSP against a real camera: every picture, in order, with each kind of login, over TLS, and back after an absence."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from camera_runtime.account import MemoryAccount
from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.capturer import Capturer
from camera_runtime.capture.decoder.feed import DecoderFeed
from camera_runtime.capture.dial import dial
from camera_runtime.capture.events import TakenPicture
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.open import Camera
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.relay import Relay
from camera_runtime.capture.rtsp import CredentialFiles
from camera_runtime.capture.status import CameraStatus
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import FrameIDGenerator, Topology
from frametrace_api.contract import BrokerContract
from numpy.typing import NDArray
from telemetry import UntracedTracer, set_up_logs

from scripts.camera.clip import ClipSpec
from scripts.camera.counter import read_cells
from scripts.camera.local import CameraOptions, running_camera

pytestmark = pytest.mark.contract
LOOPBACK = NetworkRule.of(["127.0.0.0/8"], [])
NewFeed = Callable[..., DecoderFeed]


def numbers(camera: DecoderFeed, count: int) -> list[int]:
    pictures = (event for event in camera.events() if isinstance(event, TakenPicture))
    return [read_cells(luma(picture)) for picture in islice(pictures, count)]


def luma(picture: TakenPicture) -> NDArray[np.uint8]:
    decoder = av.CodecContext.create("mjpeg", "r")
    (decoded,) = decoder.decode(av.Packet(bytes(picture.data)))
    return decoded.to_ndarray(format="gray")


def is_dense(found: list[int]) -> bool:
    return all(after == (before + 1) % 900 for before, after in pairwise(found))


def test_every_picture_comes_once_and_in_order(camera_url: str, feed: NewFeed) -> None:
    camera = feed(camera_url)
    camera.open()
    assert is_dense(numbers(camera, 45))


def test_a_login_is_given_by_digest_or_basic(locked_camera_url: str, feed: NewFeed, secret: CredentialFiles) -> None:
    camera = feed(locked_camera_url, secret)
    camera.open()
    assert is_dense(numbers(camera, 5))


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_login_is_unauthorized_and_shows_nothing(
    locked_camera_url: str, feed: NewFeed, secret: CredentialFiles, password: str
) -> None:
    Path(secret.password).write_text(password)
    with pytest.raises(SourceError) as refusal:
        feed(locked_camera_url, secret).open()
    assert refusal.value.problem is Problem.UNAUTHORIZED
    assert refusal.value.__context__ is None


def test_a_changed_secret_is_read_at_the_next_connect(
    locked_camera_url: str, feed: NewFeed, secret: CredentialFiles
) -> None:
    right = Path(secret.password).read_text()
    Path(secret.password).write_text("wrong")
    camera = feed(locked_camera_url, secret)
    with pytest.raises(SourceError):
        camera.open()
    Path(secret.password).write_text(right)
    again = feed(locked_camera_url, secret)
    again.open()
    assert numbers(again, 1)


def test_a_missing_stream_is_not_found(camera_url: str, feed: NewFeed) -> None:
    with pytest.raises(SourceError) as refusal:
        feed(camera_url.replace("cam01", "cam99")).open()
    assert refusal.value.problem is Problem.NOT_FOUND


def test_tls_is_checked_against_the_trusted_certificates(
    tls_camera_url: str, feed: NewFeed, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="self-signed") as refusal:
        feed(tls_camera_url).open()
    assert refusal.value.problem is Problem.TLS
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    camera = feed(tls_camera_url)
    camera.open()
    assert is_dense(numbers(camera, 10))


def test_a_tls_camera_whose_session_tickets_come_first_is_spoken_to(
    tls_camera_url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    relay = Relay(dial(RtspAddress.parse(tls_camera_url), LOOPBACK))
    relay.start()

    with socket.create_connection(("127.0.0.1", relay.port), 3) as viewer:
        time.sleep(0.3)  # the relay sees the tickets, which are no answer, before the first request
        viewer.sendall(f"OPTIONS {tls_camera_url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        answer = viewer.recv(4096)
    relay.close()

    assert answer.startswith(b"RTSP/1.0 200")


def test_reconnecting_leaks_neither_files_nor_threads(camera_url: str, feed: NewFeed) -> None:
    def connect() -> None:
        camera = feed(camera_url)
        camera.open()
        assert numbers(camera, 1)
        camera.close()

    connect()
    before = (len(list(Path("/proc/self/fd").iterdir())), threading.active_count())
    for _ in range(15):
        connect()
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before


def test_abort_breaks_a_read_from_another_thread(camera_url: str, feed: NewFeed) -> None:
    camera = feed(camera_url)
    camera.open()
    assert numbers(camera, 2)
    begun = time.monotonic()
    camera.abort()
    with pytest.raises(SourceError):
        numbers(camera, 1000)
    assert time.monotonic() - begun < 5


def test_a_camera_is_back_within_five_seconds_of_its_return(feed: NewFeed, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs("test")
    spec = ClipSpec(640, 360, 15)
    account = MemoryAccount()
    broker = MemoryBroker(BrokerContract(), Topology)
    tools = CaptureTools(
        FrameIDGenerator("cam01"), broker.producer("cam01", "capture"), UntracedTracer(), account, "memory",
    )  # fmt: skip
    pipeline = FramePipeline("cam01", tools)
    status = CameraStatus("cam01", account)
    with running_camera(CameraOptions(clip=spec, port=0)) as url:
        port = int(url.split(":")[2].split("/")[0])
        capturer = Capturer(Camera(url, rule=LOOPBACK), pipeline, status)
        thread = threading.Thread(target=capturer.run)
        thread.start()
        assert until(lambda: status.snapshot().connected, 10) < 10
    lost = until(lambda: not status.snapshot().connected, 10)
    until(lambda: account.names().count("camera_failed") >= 4, 20)
    with running_camera(CameraOptions(clip=spec, port=port)):
        back = until(lambda: status.snapshot().connected, 10)
        capturer.stop()
        thread.join(10)
    print(f"lost after {lost:.2f} s, back after {back:.2f} s")
    assert lost < 10
    assert back < 5
    assert capturer.alive
    logging.getLogger().handlers.clear()


def until(holds: Callable[[], bool], seconds: float) -> float:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - begun
