# ruff: noqa: ANN001, ANN201, ANN202, ANN204 - the picture fixture's type lives in conftest.py, which cannot be imported
from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from camera_runtime.capture.pattern import Pattern
from camera_runtime.capture.picture import PictureEncoder, qscale
from camera_runtime.capture.problem import SourceError
from camera_runtime.capture.synthetic import Drawing, SyntheticSource
from camera_runtime.frame import Frame
from camera_runtime.stages.decoder import PictureDecoder, UnreadablePictureError
from camera_runtime.stages.handler import InvalidResultError, StageFrame, outgoing
from camera_runtime.stages.loader import HandlerNotFoundError, load_handler
from camera_runtime.stages.motion import Motion
from frame_tracking import FrameID, FrameMetadata, now

from scripts.camera.counter import read_cells


def stage_frame(encoder: PictureEncoder, source, camera: str = "cam01") -> StageFrame:
    encoded = encoder.encode(source)
    metadata = FrameMetadata(
        frame_id=FrameID.generate(camera),
        timestamp=now(),
        width=encoded.width,
        height=encoded.height,
        encoding=encoder.encoding,
    )
    return StageFrame(Frame(metadata, encoded.data, reference="key"), PictureDecoder())


def synthetic(number: int, pattern: Pattern):
    return next(packet for packet in SyntheticSource(pattern).packets() if packet.number == number).decode()[0]


@pytest.mark.parametrize("encoding", ["JPEG", "Raw"])
def test_an_array_is_the_picture(picture, encoding) -> None:
    frame = stage_frame(PictureEncoder(encoding), picture(200, (96, 64)))
    assert frame.array().shape == (64, 96, 3)
    assert abs(int(frame.array().mean()) - 200) <= 3
    assert frame.luma().ndim == 2


@pytest.mark.parametrize(("width", "shape"), [(1920, (135, 240)), (640, (90, 160)), (320, (90, 160))])
def test_a_small_grey_picture_is_at_least_160_wide(picture, width, shape) -> None:
    frame = stage_frame(PictureEncoder(), picture(100, (width, width * 9 // 16)))
    assert frame.luma().shape == shape


def test_a_wide_picture_is_scaled_down_and_keeps_its_shape(picture) -> None:
    encoded = PictureEncoder(max_width=640).encode(picture(1, (1920, 1080)))
    assert (encoded.width, encoded.height) == (640, 360)
    assert PictureEncoder(max_width=640).encode(picture(1, (320, 240))).width == 320


def test_an_encoder_follows_a_stream_that_changes_its_size(picture) -> None:
    encoder = PictureEncoder()
    for size in ((64, 48), (320, 240), (64, 48)):
        frame = stage_frame(encoder, picture(9, size))
        assert frame.array().shape == (size[1], size[0], 3)


def test_better_quality_is_a_finer_quantiser() -> None:
    assert [qscale(quality) for quality in (1, 10, 50, 75, 85, 95, 100)] == [31, 31, 13, 7, 4, 1, 1]


def test_the_test_source_burns_its_number_in_and_repeats_itself() -> None:
    pattern = Pattern.parse("test://?width=640&height=360&fps=120")
    frame = stage_frame(PictureEncoder(), synthetic(3, pattern))
    assert read_cells(frame.array()[:, :, 1]) == 3
    drawn = Drawing(pattern)
    once = drawn.luma(77).copy()
    drawn.luma(500)
    assert np.array_equal(drawn.luma(77), once)


@pytest.mark.parametrize("query", ["width=1", "height=9999", "fps=0", "fps=abc", "size=3", "width="])
def test_a_test_source_out_of_bounds_is_refused(query: str) -> None:
    with pytest.raises(SourceError, match="test"):
        Pattern.parse(f"test://?{query}")


def test_motion_tells_moving_pictures_from_still_ones(picture) -> None:
    motion, encoder = Motion(), PictureEncoder()
    pattern = Pattern(640, 360, 120)
    first, second = (stage_frame(encoder, synthetic(number, pattern)) for number in (0, 1))
    assert motion(first) == {"motion": 0.0, "moving": False}
    assert motion(second)["moving"]
    assert motion(second) == {"motion": 0.0, "moving": False}
    assert motion(stage_frame(encoder, picture(5), camera="cam02")) == {"motion": 0.0, "moving": False}


def test_an_unchanged_picture_is_handed_on_by_reference(picture) -> None:
    given = stage_frame(PictureEncoder(), picture())
    sent = outgoing({"a": 1}, given, "s")
    assert sent is not None
    assert (sent.reference, sent.picture is given.picture) == ("key", True)
    changed = outgoing(given.with_picture(b"\xff\xd8", 2, 2), given, "s")
    assert changed is not None
    assert (changed.reference, changed.metadata.width) == ("", 2)


def test_a_handler_cannot_return_another_frame(picture) -> None:
    encoder = PictureEncoder()
    given, other = stage_frame(encoder, picture()), stage_frame(encoder, picture())
    with pytest.raises(InvalidResultError, match="not the one it got"):
        outgoing(other, given, "s")
    with pytest.raises(InvalidResultError, match="encoding"):
        given.with_picture(b"x", 1, 1, "png")
    with pytest.raises(InvalidResultError, match="the picture is empty"):
        given.with_picture(b"", 1, 1)


@pytest.mark.parametrize(("data", "encoding"), [(b"", "jpeg"), (b"no picture", "jpeg"), (b"short", "rgb24")])
def test_an_unreadable_picture_is_an_error_of_its_own(data: bytes, encoding: str) -> None:
    metadata = FrameMetadata(frame_id=FrameID.generate(), timestamp=now(), width=640, height=360, encoding=encoding)
    frame = StageFrame(Frame(metadata, data), PictureDecoder())
    for read in (frame.array, frame.luma):
        with pytest.raises(UnreadablePictureError):
            read()


@pytest.mark.parametrize("bad", [b"", b"\xff\xd8", b"x" * 1000])
def test_an_unreadable_picture_does_not_keep_the_next_one_from_being_read(picture, bad: bytes) -> None:
    good, decoder = stage_frame(PictureEncoder(), picture(200, (640, 360))), PictureDecoder()
    for read in (decoder.rgb, decoder.luma, decoder.video):
        with pytest.raises(UnreadablePictureError):
            read(bad, good.metadata)
        read(good.picture, good.metadata)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("frametrace_test_handlers")

    class Counter:
        def __call__(self, frame):
            return frame

    class Broken:
        def __init__(self) -> None:
            raise FileNotFoundError("model.onnx")

    async def later(frame):
        return frame

    vars(module).update(Counter=Counter, Broken=Broken, later=later, number=3, function=lambda frame: frame)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.usefixtures("handlers")
def test_handlers_are_built_in_functions_or_classes() -> None:
    assert isinstance(load_handler("motion"), Motion)
    assert callable(load_handler("frametrace_test_handlers:function"))
    assert type(load_handler("frametrace_test_handlers:Counter")).__name__ == "Counter"


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("blur", "neither built in (archive, motion, resize) nor of the form module:attribute"),
        ("no_such_module_x:f", "cannot be imported"),
        ("frametrace_test_handlers:none", "has no attribute"),
        ("frametrace_test_handlers:number", "cannot be called"),
        ("frametrace_test_handlers:later", "asynchronous"),
        ("frametrace_test_handlers:Broken", "FileNotFoundError: model.onnx"),
    ],
)
def test_a_handler_that_is_not_there_is_said_clearly(name: str, says: str) -> None:
    with pytest.raises(HandlerNotFoundError) as error:
        load_handler(name)
    assert says in str(error.value)
