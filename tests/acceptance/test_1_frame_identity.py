"""Rows 1.1 to 1.3: what a frame is called and what it carries from the start."""

from __future__ import annotations

import json

from camera_runtime import capture_frame
from frame_tracking import FrameID, FrameMetadata, now


def test_1_1_frame_ids_are_unique_and_sort_by_time() -> None:
    ids = [FrameID.generate() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert sorted(ids) == ids
    assert [frame_id.sequence for frame_id in ids] == list(range(ids[0].sequence, ids[0].sequence + 1000))


def test_1_1_the_tasks_own_form_is_read() -> None:
    frame_id = FrameID("20240315_cam01_000123")

    assert (frame_id.camera, frame_id.sequence, frame_id.is_exact) == ("cam01", 123, False)


def test_1_2_metadata_survives_serialisation() -> None:
    meta = FrameMetadata(frame_id=FrameID.generate(), timestamp=now())

    assert FrameMetadata.from_json(meta.to_json()) == meta


def test_1_2_data_of_older_and_newer_versions_is_read() -> None:
    frame_id = FrameID.generate()
    older = {"frame_id": frame_id, "timestamp": "2024-03-15T10:15:30+00:00"}
    newer = {**older, "version": 7, "lens": {"zoom": 2.0}}

    assert FrameMetadata.from_json(json.dumps(older)).frame_id == frame_id
    passed_on = json.loads(FrameMetadata.from_json(json.dumps(newer)).to_json())
    assert passed_on["lens"] == {"zoom": 2.0}


def test_1_3_every_frame_has_its_trace_from_the_start() -> None:
    frame = capture_frame()

    assert frame.trace_context is not None
    assert frame.trace_context.trace_id is not None
    assert frame.trace_context.is_valid()
    assert frame.trace_context.trace_id == frame.frame_id.trace_id
    assert int(frame.trace_context.span_id, 16) != 0
