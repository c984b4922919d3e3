# ruff: noqa: ANN001 - the picture fixture's type lives in conftest.py, which cannot be imported
"""The built-in handlers that change and keep pictures, and what they say to settings that cannot be."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from camera_runtime.capture.memory import MemoryPacket
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.frame import Frame
from camera_runtime.stages.archive import Archive, ArchiveError
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.loader import HandlerNotFoundError, load_handler
from camera_runtime.stages.resize import Resize
from camera_runtime.stages.settings import InvalidSettingError
from camera_runtime.stages.worker import StageWorker
from frame_tracking import FrameID, FrameMetadata, Outcome
from structlog.testing import capture_logs

DAY = "20240315"


def frame(picture, number: int = 1, encoding: str = "JPEG", size: tuple[int, int] = (320, 180)) -> StageFrame:
    encoder = PictureEncoder(encoding)  # type: ignore[arg-type]
    encoded = encoder.encode(picture(90, size))
    frame_id = FrameID(f"{DAY}T10153012345{number}_cam01_a7f3c_{number:06d}")
    metadata = FrameMetadata(
        frame_id=frame_id,
        timestamp=frame_id.time,
        width=encoded.width,
        height=encoded.height,
        encoding=encoder.encoding,
    )
    return StageFrame(Frame(metadata, encoded.data, reference="key"), PictureDecoder())


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*/*/*"))


@pytest.mark.parametrize("encoding", ["JPEG", "Raw"])
@pytest.mark.parametrize(
    ("environ", "size"),
    [
        ({"RESIZE_WIDTH": "160"}, (160, 90)),
        ({"RESIZE_HEIGHT": " 360 "}, (640, 360)),
        ({"RESIZE_WIDTH": "64", "RESIZE_HEIGHT": "65"}, (64, 65)),
    ],
)
def test_resize_makes_the_size_that_is_asked_for(picture, encoding, environ, size) -> None:
    given = frame(picture, encoding=encoding)
    made = Resize(environ)(given)
    assert (made.metadata.width, made.metadata.height) == size
    assert made.metadata.encoding == given.metadata.encoding
    assert made.array().shape == (size[1], size[0], 3)
    assert abs(int(made.array().mean()) - 90) <= 3
    assert made.unwrap().reference == ""


def test_resize_hands_on_untouched_what_has_the_size_already(picture) -> None:
    given = frame(picture)
    assert Resize({"RESIZE_WIDTH": "320"})(given) is given


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "set RESIZE_WIDTH, RESIZE_HEIGHT or both in the stage's env"),
        ({"RESIZE_WIDTH": "wide"}, "RESIZE_WIDTH is 'wide', not a whole number from 16 to 8192"),
        ({"RESIZE_HEIGHT": "9000"}, "RESIZE_HEIGHT is '9000'"),
        ({"RESIZE_WIDTH": "640", "RESIZE_QUALITY": "0"}, "RESIZE_QUALITY is '0'"),
    ],
)
def test_resize_says_what_is_wrong_with_its_settings(environ: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidSettingError, match=says):
        Resize(environ)


def test_a_built_in_handler_with_wrong_settings_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESIZE_WIDTH", raising=False)
    with pytest.raises(HandlerNotFoundError, match=r"^handler 'resize': set RESIZE_WIDTH"):
        load_handler("resize")


@pytest.mark.parametrize("encoding", ["JPEG", "Raw"])
def test_archive_keeps_picture_and_metadata(tmp_path: Path, picture, encoding) -> None:
    given = frame(picture, encoding=encoding).with_results("motion", {"moving": True})
    result = Archive({"ARCHIVE_DIRECTORY": str(tmp_path / "kept")})(given)
    path = tmp_path / "kept" / result["path"]
    assert path == tmp_path / "kept" / "cam01" / DAY / f"{given.frame_id}.jpg"
    assert path.read_bytes()[:2] == b"\xff\xd8"
    assert FrameMetadata.from_json(path.with_suffix(".json").read_text()) == given.metadata
    assert json.loads(path.with_suffix(".json").read_text())["results"] == {"motion": {"moving": True}}
    assert len(files(tmp_path / "kept")) == 2


@pytest.mark.parametrize("limit", [{"ARCHIVE_MAX_FRAMES": "2"}, {"ARCHIVE_MAX_MEGABYTES": "1"}])
def test_archive_removes_the_oldest_frames_also_those_of_an_earlier_life(tmp_path: Path, picture, limit) -> None:
    environ = {"ARCHIVE_DIRECTORY": str(tmp_path), **limit}
    many = [frame(picture, number) for number in (1, 2, 3, 4)]
    if "ARCHIVE_MAX_MEGABYTES" in limit:
        many = [each.with_picture(b"\xff\xd8" + b"x" * 450_000, 320, 180) for each in many]
    first = Archive(environ)
    first(many[0])
    first(many[0])
    first(many[1])
    again = Archive(environ)
    again(many[2])
    again(many[3])
    assert files(tmp_path) == sorted(f"{each.frame_id}.{ending}" for each in many[2:] for ending in ("jpg", "json"))


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file can grow beyond 100 bytes: a write breaks off in its middle, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_write_that_breaks_off_is_an_error_of_the_frame_and_leaves_no_half_file(tmp_path: Path, picture) -> None:
    archive = Archive({"ARCHIVE_DIRECTORY": str(tmp_path)})
    with pytest.raises(ArchiveError, match=f"cannot write below {tmp_path}: File too large"):
        archive(frame(picture))
    assert files(tmp_path) == []


@pytest.mark.usefixtures("full_disk")
def test_a_frame_that_cannot_be_archived_is_tried_again_and_put_aside_with_the_reason(
    new_yard, tmp_path: Path, picture
) -> None:
    yard = new_yard(stages=(("archive", "capture"),))
    yard.play(yard.pipeline(), [MemoryPacket(10**18, [picture()])])
    worker = StageWorker(
        yard.stage("archive", "capture", max_deliveries=2), Archive({"ARCHIVE_DIRECTORY": str(tmp_path)})
    )
    worker.follow(["cam01"])
    with capture_logs() as said:  # the log's own file is on that disk, too
        for _ in range(2):
            worker.step(PictureDecoder())
    assert [line["event"] for line in said] == ["frame dead-lettered"]
    assert yard.broker.store.dead_letters["archive"][0][1].startswith("ArchiveError: cannot write below")
    assert ("ended", 1, Outcome.DEAD_LETTERED, None) in yard.account.calls


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "set ARCHIVE_DIRECTORY in the stage's env"),
        ({"ARCHIVE_DIRECTORY": "/proc/nowhere"}, "ARCHIVE_DIRECTORY '/proc/nowhere' cannot be made"),
        ({"ARCHIVE_DIRECTORY": ".", "ARCHIVE_MAX_FRAMES": "-1"}, "ARCHIVE_MAX_FRAMES is '-1'"),
    ],
)
def test_archive_says_what_is_wrong_with_its_settings(environ: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidSettingError, match=says):
        Archive(environ)
