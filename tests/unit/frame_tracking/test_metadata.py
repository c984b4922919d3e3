from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from frame_tracking import FrameID, FrameMetadata, InvalidMetadataError, now
from hypothesis import given
from hypothesis import strategies as st

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
METADATA = st.builds(
    FrameMetadata,
    frame_id=st.just(FRAME),
    timestamp=st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - UTC is added
    width=st.integers(0, 10_000),
    height=st.integers(0, 10_000),
    encoding=st.sampled_from(["jpeg", "rgb24"]),
    pts=st.none() | st.integers(),
    keyframe=st.none() | st.booleans(),
    camera_time=st.none() | st.text(max_size=30),
    results=st.dictionaries(st.text(max_size=8), JSON, max_size=3),
)


@given(METADATA)
def test_metadata_reads_back_as_it_was_written(metadata: FrameMetadata) -> None:
    assert FrameMetadata.from_json(metadata.to_json()) == metadata
    assert FrameMetadata.from_json(metadata.to_json().encode()) == metadata


@given(METADATA, st.dictionaries(st.text(min_size=1, max_size=8).map(lambda key: f"new_{key}"), JSON, max_size=3))
def test_a_newer_versions_fields_are_handed_on(metadata: FrameMetadata, added: dict[str, Any]) -> None:
    newer = json.dumps({**json.loads(metadata.to_json()), **added, "version": 2})

    read = FrameMetadata.from_json(newer)

    assert dict(read.extra) == added
    assert {**added, **json.loads(metadata.to_json())} == json.loads(read.to_json())


def test_an_older_version_without_later_fields_is_read() -> None:
    read = FrameMetadata.from_json(f'{{"frame_id": "{FRAME}", "timestamp": "2024-03-15T10:15:30.123456+00:00"}}')

    assert read == FrameMetadata(frame_id=FRAME, timestamp=FRAME.time)


@given(
    st.one_of(
        st.text(),
        st.binary(),
        JSON.map(json.dumps),
        st.dictionaries(st.sampled_from(["frame_id", "timestamp", "width", "results"]), JSON).map(json.dumps),
    )
)
def test_reading_anything_gives_metadata_or_its_own_error(text: str | bytes) -> None:
    try:
        metadata = FrameMetadata.from_json(text)
    except InvalidMetadataError:
        return
    assert FrameMetadata.from_json(metadata.to_json()) == metadata


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frame_id": None}, "'frame_id' is missing"),
        ({"timestamp": 3}, "'timestamp' is missing or not a text"),
        ({"timestamp": "yesterday"}, "Invalid isoformat"),
        ({"frame_id": "x"}, "is not a frame ID"),
        ({"width": "wide"}, "'width' is str, not int"),
        ({"width": True}, "'width' is bool, not int"),
        ({"results": []}, "'results' is list, not dict"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    good = {"frame_id": FRAME, "timestamp": "2024-03-15T10:15:30+00:00"}

    with pytest.raises(InvalidMetadataError, match=message):
        FrameMetadata.from_json(json.dumps({**good, **changes}))


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    with pytest.raises(InvalidMetadataError):
        FrameMetadata.from_json("[" * 100_000)


def test_half_of_a_surrogate_pair_passes_through_and_can_be_sent() -> None:
    text = f'{{"frame_id": "{FRAME}", "timestamp": "2024-03-15T10:15:30+00:00", "results": {{"label": "\\ud800"}}}}'

    read = FrameMetadata.from_json(text)

    assert read.results == {"label": "\ud800"}
    assert FrameMetadata.from_json(read.to_json().encode()) == read


def test_times_are_brought_to_utc() -> None:
    local = datetime(2024, 3, 15, 12, tzinfo=timezone(timedelta(hours=2)))

    assert FrameMetadata(frame_id=FRAME, timestamp=local).timestamp == datetime(2024, 3, 15, 10, tzinfo=UTC)
    assert FrameMetadata(frame_id=FRAME, timestamp=now()).timestamp.tzinfo is UTC
