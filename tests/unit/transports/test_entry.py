from __future__ import annotations

from camera_runtime.transports.redis.entry import Entry, context_of, dropped_of, frame_id_of, metadata_of
from camera_runtime.transports.redis.keys import Keys
from frame_tracking import DropReason, FrameID, FrameMetadata
from frametrace_api.contract import PipelineRef
from hypothesis import given
from hypothesis import strategies as st

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")
_FIELDS = st.dictionaries(
    st.sampled_from([b"frame_id", b"traceparent", b"tracestate", b"metadata", b"picture", b"x"]),
    st.one_of(st.binary(max_size=60), st.just(FRAME.encode()), st.just(b"{}")),
)


def _entry(fields: dict[bytes, bytes]) -> Entry:
    return Entry("stream", "cam01", "1-0", fields, 1, False, 0.0, 0.0)


@given(_FIELDS)
def test_reading_an_entry_never_raises(fields: dict[bytes, bytes]) -> None:
    entry = _entry(fields)
    frame_id = frame_id_of(entry)

    if frame_id is not None:
        assert context_of(entry, frame_id).trace_id == frame_id.trace_id
        metadata_of(entry, frame_id)
    assert isinstance(entry.picture_key, str)


@given(st.lists(st.tuples(*[st.binary(max_size=40)] * 4), max_size=4))
def test_lost_branches_of_nameless_frames_are_left_out(branches: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
    named = (FRAME.encode(), b"garbage", b"\xff", b"motion")

    dropped = dropped_of([*branches, named], DropReason.OVERFLOW)

    assert (dropped[-1].frame_id, dropped[-1].hop, dropped[-1].context.trace_id) == (FRAME, "motion", FRAME.trace_id)


def test_a_frame_of_another_camera_has_no_place_in_this_cameras_stream() -> None:
    assert frame_id_of(_entry({b"frame_id": FRAME.encode()})) == FRAME
    assert frame_id_of(_entry({b"frame_id": FRAME.replace("cam01", "cam02").encode()})) is None


def test_metadata_of_another_frame_is_not_this_frames() -> None:
    other = FrameID("20240315T101530123456_cam01_a7f3c_000124")
    fields = {b"metadata": FrameMetadata(frame_id=other, timestamp=other.time).to_json().encode()}

    assert metadata_of(_entry(fields), FRAME) is None


def test_a_stream_names_its_camera() -> None:
    keys = Keys.of(PipelineRef(namespace="a", name="frames", uid="0123456789"))

    assert keys.camera(keys.stream("cam01", "capture")) == "cam01"


def test_all_keys_of_a_pipeline_share_a_slot_and_no_other_pipelines() -> None:
    one, two = (Keys.of(PipelineRef(namespace="a", name="b", uid=uid)) for uid in ("0123456789", "9876543210"))
    keys = [one.stream("cam01", "capture"), one.picture(FRAME, "capture"), one.dead("motion"), one.streams("capture")]

    assert {key[key.index("{") : key.index("}") + 1] for key in keys} == {"{a/b/01234567}"}
    assert len({*keys, two.stream("cam01", "capture")}) == 5
