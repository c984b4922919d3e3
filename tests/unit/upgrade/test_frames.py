"""Every frame that was captured while pods were replaced is accounted for by its number, also those of a capture that is gone."""

from __future__ import annotations

from frame_tracking import FrameID, HopCount, Journey, JourneySpan, Topology

from scripts.upgrade.frames import Session, accounted, highest, sessions

_TOPOLOGY = Topology((("motion", "capture"),))


def _journey(session: str, sequence: int, *, whole: bool = True) -> Journey:
    frame_id = FrameID(f"20260101T000000{sequence:06d}_cam01_{session}_{sequence:06d}")
    named = {"frame.id": str(frame_id)}
    ended = {"frame.outcome": "dropped", "frame.drop_reason": "shutdown"}
    spans = (
        JourneySpan("1", None, (), "capture_frame", "rtsp-capture", 1, 1, {**named, "span.kind": "internal"}),
        JourneySpan("2", "1", (), "send cam01.capture", "rtsp-capture", 2, 1, {**named, "span.kind": "producer"}),
        JourneySpan("3", "2", (), "process_frame", "motion", 3, 1, {**named, **ended, "span.kind": "consumer"}),
    )
    return Journey(frame_id.trace_id, spans if whole else spans[:2])


def _count(session: str, last: int, hop: str = "capture") -> HopCount:
    return HopCount(camera="cam01", hop=hop, session=session, last_sequence=last)


def test_sessions_are_asked_about_from_where_they_stood_to_what_was_told_last() -> None:
    before = highest([_count("aaaaa", 7), _count("aaaaa", 9, "motion")])

    found = sessions(before, {"aaaaa": 12, "bbbbb": 2}, {"ccccc": 5})

    assert found == [
        Session("aaaaa", 7, 12, is_over=True),
        Session("bbbbb", 0, 2, is_over=True),
        Session("ccccc", 0, 5, is_over=False),
    ]
    assert sessions({"aaaaa": 7}, {"aaaaa": 8}, {"aaaaa": 9}) == [Session("aaaaa", 7, 9, is_over=False)]


def test_frames_that_ended_are_accounted_for_whether_completed_or_dropped() -> None:
    asked = [Session("aaaaa", 1, 3, is_over=False)]

    found = accounted(asked, [_journey("aaaaa", number) for number in (1, 2, 3, 4)], _TOPOLOGY)

    assert (found.captured, found.accounted, found.missing, found.incomplete) == (2, 2, [], [])
    assert found.all_accounted


def test_a_gap_and_a_frame_without_an_end_are_named() -> None:
    asked = [Session("aaaaa", 0, 3, is_over=False)]
    journeys = [_journey("aaaaa", 1), _journey("aaaaa", 3, whole=False), _journey("bbbbb", 2)]

    found = accounted(asked, journeys, _TOPOLOGY)

    assert (found.captured, found.accounted, found.missing) == (3, 1, ["aaaaa 2"])
    assert [text.partition(":")[0] for text in found.incomplete] == ["20260101T000000000003_cam01_aaaaa_000003"]
    assert not found.all_accounted


def test_a_capture_that_is_gone_may_have_captured_more_than_it_told() -> None:
    asked = [Session("aaaaa", 0, 1, is_over=True)]

    found = accounted(asked, [_journey("aaaaa", 1), _journey("aaaaa", 4)], _TOPOLOGY)

    assert (found.captured, found.missing) == (4, ["aaaaa 2", "aaaaa 3"])


def test_no_frames_are_no_proof() -> None:
    assert not accounted([], [], _TOPOLOGY).all_accounted
