"""The decoder's process: its limits hold against streams made to exceed them, it shows no secret and outlives nobody."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from camera_runtime.capture.decoder.feed import DecoderFeed, DecoderPool, PlainPath
from camera_runtime.capture.decoder.job import PictureSettings
from camera_runtime.capture.decoder.limits import DecoderLimits
from camera_runtime.capture.events import Lost, TakenPicture
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.rtsp import CredentialFiles

from tests.real.tiny_camera import Plan, TinyCamera, giant_sps, pictures

pytestmark = pytest.mark.contract
NewFeed = Callable[..., DecoderFeed]
SEI = b"\x06\x05\x10" + b"a" * 16 + b"\x80"


@pytest.fixture
def tiny() -> Iterator[Callable[[Plan], TinyCamera]]:
    made: list[TinyCamera] = []

    def new(plan: Plan) -> TinyCamera:
        made.append(TinyCamera(plan))
        return made[-1]

    yield new
    for each in made:
        each.stop()


@pytest.fixture
def limited(feed: NewFeed) -> Iterator[Callable[[str, DecoderLimits], DecoderFeed]]:
    """Make feeds whose decoder has limits of its own."""
    made: list[tuple[DecoderFeed, DecoderPool]] = []

    def new(url: str, limits: DecoderLimits) -> DecoderFeed:
        pool = DecoderPool(limits)
        one = DecoderFeed(feed(url)._path if url.startswith("rtsp") else PlainPath(url), PictureSettings(), pool)
        made.append((one, pool))
        return one

    yield new
    for one, pool in made:
        one.close()
        pool.close()


def end_of(camera: DecoderFeed) -> SourceError:
    try:
        if camera._process is None:
            camera.open()
        for _ in camera.events():
            pass
    except SourceError as error:
        return error
    raise AssertionError("a stream without an end ended")


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def child_of(camera: DecoderFeed) -> int:
    assert camera._process is not None
    return camera._process.pid


def test_the_limits_are_those_that_the_kernel_tells() -> None:
    limits = DecoderLimits(memory_bytes=300 << 20, cpu_seconds=4)
    pool = DecoderPool(limits)
    process = pool.take()
    told = {
        which: resource.prlimit(process.pid, which)[0]
        for which in (resource.RLIMIT_DATA, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)
    }
    process.end()
    assert told == {
        resource.RLIMIT_DATA: 300 << 20, resource.RLIMIT_CPU: 4, resource.RLIMIT_NOFILE: 64, resource.RLIMIT_CORE: 0,
    }  # fmt: skip


@pytest.mark.parametrize("megabytes", [40, 64])  # too little to decode, too little to encode
def test_a_stream_that_needs_more_memory_than_it_may_have_is_excessive(tiny, limited, megabytes: int) -> None:  # noqa: ANN001
    large = Plan(pictures(3, (3840, 2160)), fps=5)
    found = end_of(limited(tiny(large).url, DecoderLimits(memory_bytes=megabytes << 20)))
    assert found.problem is Problem.EXCESSIVE
    assert "memory" in str(found)


def test_a_decoder_that_works_and_gives_no_sign_is_ended_by_its_processor_time(limited) -> None:  # noqa: ANN001
    camera = limited("test://?width=3840&height=2160&fps=20", DecoderLimits(cpu_seconds=1))
    camera.open()
    until(
        lambda: camera._process is not None and camera._process._process.poll() is not None, 60
    )  # nobody listens, so nothing counts as progress
    found = end_of(camera)
    assert (found.problem, str(found)) == (
        Problem.EXCESSIVE, "the stream needs more than 1 s of CPU time for one picture",
    )  # fmt: skip


def test_a_flood_that_gives_no_picture_is_cut_within_ten_seconds(tiny, feed: NewFeed) -> None:  # noqa: ANN001
    flood = [*pictures()[:1], *[(SEI,) * 40] * 100_000]
    begun = time.monotonic()
    found = end_of(feed(tiny(Plan(flood, fps=0)).url))
    assert found.problem in (Problem.EXCESSIVE, Problem.SILENT)
    assert time.monotonic() - begun < 20  # opening and reading have a limit each


def test_giant_pictures_are_refused_one_by_one_without_their_memory(tiny, limited) -> None:  # noqa: ANN001
    giant = [(giant_sps(16384, 16384), *unit[1:]) if len(unit) > 1 else unit for unit in pictures()]
    camera = limited(tiny(Plan(giant, fps=100)).url, DecoderLimits())
    camera.open()
    assert {type(event) for event in islice(camera.events(), 20)} == {Lost}
    status = Path(f"/proc/{child_of(camera)}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) < 150_000


def test_thousands_of_streams_cost_no_more_than_one(tiny, feed: NewFeed) -> None:  # noqa: ANN001
    server = tiny(Plan(pictures(), tracks=5000))
    camera = feed(server.url)
    camera.open()
    assert any(isinstance(event, TakenPicture) for event in islice(camera.events(), 5))


def test_an_endless_description_is_refused(tiny, feed: NewFeed) -> None:  # noqa: ANN001
    assert end_of(feed(tiny(Plan(pictures(), tracks=20_000)).url)).problem is Problem.INVALID_STREAM


def test_a_decoder_that_is_killed_says_so_and_the_next_one_works(feed: NewFeed, camera_url: str) -> None:
    camera = feed(camera_url)
    camera.open()
    os.kill(child_of(camera), signal.SIGKILL)
    found = end_of(camera)
    assert (found.problem, str(found)) == (Problem.DECODER, "the decoder ended by SIGKILL")
    camera.close()
    again = feed(camera_url)
    again.open()
    assert next(iter(again.events()))


def test_arguments_and_environment_of_the_decoder_show_no_secret(
    locked_camera_url: str, feed: NewFeed, secret: CredentialFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=c4nary")
    pool = DecoderPool()
    camera = feed(locked_camera_url, secret)
    camera._pool = pool
    camera.open()
    assert next(iter(camera.events()))
    shown = b"".join(Path(f"/proc/{child_of(camera)}/{name}").read_bytes() for name in ("cmdline", "environ"))
    camera.close()
    pool.close()
    assert b"decoder" in shown
    for part in (b"c4nary", b"s3cret", b"OTEL"):
        assert part not in shown


def test_a_decoder_ends_with_its_parent_whatever_it_does() -> None:
    program = (
        "from camera_runtime.capture.open import Camera\n"
        "import time\n"
        "feed = Camera('test://?width=320&height=64&fps=5')()\n"
        "feed.open()\n"
        "print(feed._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        parent.kill()
    until(lambda: not Path(f"/proc/{child}").exists() or "Z (" in Path(f"/proc/{child}/status").read_text(), 10)
