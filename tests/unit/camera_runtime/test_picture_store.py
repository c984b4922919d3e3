# ruff: noqa: ANN001 - the picture fixture's type lives in conftest.py, which cannot be imported
"""The newest pictures as files: bounded over restarts, JPEG whatever travels, and never a frame's misfortune."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.cli.log_lines import LogLines
from camera_runtime.frame import Frame
from camera_runtime.run.picture_store import KeepingProducer, PictureStore
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import FrameID, FrameMetadata, Topology, TraceContext
from frametrace_api.contract import BrokerContract
from rich.console import Console
from telemetry import set_up_logs


def frame(picture, number: int, encoding: str = "JPEG") -> Frame:
    encoder = PictureEncoder(encoding)  # type: ignore[arg-type]
    encoded = encoder.encode(picture(90, (64, 48)))
    frame_id = FrameID(f"20240315T10153012345{number}_cam01_a7f3c_{number:06d}")
    metadata = FrameMetadata(frame_id=frame_id, timestamp=frame_id.time, width=64, height=48, encoding=encoder.encoding)
    return Frame(metadata, bytes(encoded.data))


@pytest.mark.parametrize("encoding", ["JPEG", "Raw"])
def test_a_sent_frames_picture_is_kept_as_jpeg(tmp_path: Path, picture, encoding: str) -> None:
    broker = MemoryBroker(BrokerContract(), lambda: Topology((("motion", "capture"),)))
    producer = KeepingProducer(broker.producer("cam01", "capture"), PictureStore(tmp_path).keep)
    sent = frame(picture, 1, encoding)

    assert producer.send(sent, TraceContext.untraced(sent.frame_id)).readers == ("motion",)
    assert producer.destination == "cam01.capture"
    assert (tmp_path / f"{sent.frame_id}.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_the_oldest_pictures_go_first_also_those_of_an_earlier_run(tmp_path: Path, picture) -> None:
    room = 2 * len(frame(picture, 1).picture)
    for number in (1, 2, 3):
        PictureStore(tmp_path, room).keep(frame(picture, number))
    assert sorted(path.name[-10:] for path in tmp_path.iterdir()) == ["000002.jpg", "000003.jpg"]


def test_a_picture_that_cannot_be_written_is_said_once_and_stops_no_frame(tmp_path: Path, picture) -> None:
    said = StringIO()
    set_up_logs("frametrace", level="WARNING", stream=said)
    store = PictureStore(tmp_path / "gone")
    shutil.rmtree(tmp_path / "gone")
    for number in (1, 2):
        store.keep(frame(picture, number))
    assert [json.loads(line)["event"] for line in said.getvalue().splitlines()] == ["pictures are not kept"]


def test_log_lines_are_short_and_harmless() -> None:
    shown = StringIO()
    lines = LogLines(Console(file=shown, markup=False, highlight=False, soft_wrap=True))
    lines.write(
        json.dumps({"event": "camera away", "level": "warning", "camera": "\x1b[31m[bold]", "timestamp": "x"})
        + "\nno json\n"
        + json.dumps({"event": "fault", "level": "error", "exception": "Traceback\n  …\nValueError: no"})
    )
    assert shown.getvalue() == "warning: camera away (camera: \\x1b[31m[bold])\nerror: fault (ValueError: no)\n"
