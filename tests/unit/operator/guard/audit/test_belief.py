"""What of a pod's ledger is believed: its own hop, the spec's cameras, the time that was asked for."""

from __future__ import annotations

from datetime import UTC, datetime

from frame_tracking import CAPTURE_HOP, FinishedFrames, FrameID, Ledger, LedgerBucket, LedgerWindow
from frametrace_operator.guard.audit.belief import Speaker, believed

SPAN = (1_772_323_200, 1_772_323_230)
MOTION = Speaker("motion", frozenset({"archive"}), frozenset({"cam01", "cam02"}))


def frame(seconds: float = 1.0, camera: str = "cam01", sequence: int = 1) -> str:
    return FrameID.build(datetime.fromtimestamp(SPAN[0] + seconds, UTC), camera, "aaaaa", sequence)


def told(*frames: FinishedFrames, buckets: tuple[LedgerBucket, ...] = ()) -> Ledger:
    window = LedgerWindow(start=SPAN[0], end=SPAN[1], buckets=buckets, frames=frames)
    return Ledger(pipeline="line", service="any", pod="p", revision="r", started=1.0, window=window)


def frames(ledger: Ledger) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    assert ledger.window is not None
    return [(one.camera, one.hop, one.left, one.ended) for one in ledger.window.frames]


def test_a_pods_own_frames_are_believed_and_nothing_is_foreign() -> None:
    own = FinishedFrames(camera="cam01", hop="motion", left=(frame(0),), ended=(frame(29.9),))
    dropped = FinishedFrames(camera="cam01", hop="archive", ended=(frame(3),))
    bucket = LedgerBucket(camera="cam01", hop="motion", session="aaaaa", start=SPAN[0])

    ledger, foreign = believed(told(own, dropped, buckets=(bucket,)), MOTION, SPAN)

    assert foreign == 0
    assert ledger.window is not None
    assert ledger.window.frames == (own, dropped)
    assert ledger.window.buckets == (bucket,)


def test_a_stage_that_names_frames_of_the_capture_or_of_another_stage_is_not_believed() -> None:
    captured = FinishedFrames(camera="cam01", hop=CAPTURE_HOP, left=(frame(1), frame(2)))
    other = FinishedFrames(camera="cam01", hop="elsewhere", ended=(frame(3),))
    bucket = LedgerBucket(camera="cam01", hop=CAPTURE_HOP, session="aaaaa", start=SPAN[0], traced=900, finished=900)

    ledger, foreign = believed(told(captured, other, buckets=(bucket,)), MOTION, SPAN)

    assert (frames(ledger), foreign) == ([], 4)
    assert ledger.window is not None
    assert ledger.window.buckets == ()


def test_of_the_stages_after_it_a_pod_may_only_say_what_ended_on_the_way() -> None:
    ledger, foreign = believed(
        told(FinishedFrames(camera="cam01", hop="archive", left=(frame(1),), ended=(frame(2),))), MOTION, SPAN
    )

    assert (frames(ledger), foreign) == ([("cam01", "archive", (), (frame(2),))], 1)


def test_frames_of_other_times_and_cameras_are_foreign() -> None:
    mixed = FinishedFrames(
        camera="cam01", hop="motion", left=(frame(-0.1), frame(30), frame(2, "cam02"), "nonsense", frame(2))
    )
    gone = FinishedFrames(camera="cam99", hop="motion", ended=(frame(2, "cam99"),))

    ledger, foreign = believed(told(mixed, gone), MOTION, SPAN)

    assert (frames(ledger), foreign) == ([("cam01", "motion", (frame(2),), ())], 5)


def test_a_ledger_without_a_window_is_left_as_it_is() -> None:
    ledger = told().model_copy(update={"window": None})
    assert believed(ledger, MOTION, SPAN) == (ledger, 0)
