"""A journey as bars: where each begins, how long it waited and worked, and that any journey can be laid out."""

from __future__ import annotations

from dataclasses import replace

from frame_tracking import Journey, JourneySpan, Waterfall
from hypothesis import given
from hypothesis import strategies as st

from tests.generated.journeys import Made


def test_queue_and_work_stand_apart_and_children_follow_their_parents() -> None:
    laid = Waterfall.of(Made(3).journey())
    assert [(bar.span.name.split()[0], bar.span.service, bar.depth) for bar in laid.bars] == [
        ("capture_frame", "rtsp-capture", 0),
        ("send", "rtsp-capture", 1),
        ("process_frame", "motion", 2),
        ("send", "motion", 3),
        ("process_frame", "resize", 4),
        ("process_frame", "archive", 2),
    ]
    assert [(bar.begin_us, bar.queued_us, bar.work_us) for bar in laid.bars[:3]] == [
        (0, 0, 5000), (2000, 0, 5000), (4000, 1000, 5000),
    ]  # fmt: skip
    assert (laid.length_us, laid.queued_us, laid.work_us) == (15_000, 3000, 20_000)


def test_without_the_brokers_word_the_wait_is_from_the_senders_end() -> None:
    journey = Made(3).journey()
    spans = [
        replace(span, attributes={k: v for k, v in span.attributes.items() if k != "frametrace.queued_ms"}, start_us=span.start_us + 9000)
        if span.service == "archive" else span
        for span in journey.spans
    ]  # fmt: skip
    bar = next(bar for bar in Waterfall.of(Journey.of(journey.trace_id, spans)).bars if bar.span.service == "archive")
    assert bar.queued_us == bar.begin_us - 7000


_spans = st.builds(
    JourneySpan,
    st.sampled_from("abcdef"),
    st.none() | st.sampled_from("abcdefg"),
    st.just(()),
    st.sampled_from(["capture_frame", "process_frame", "send x"]),
    st.sampled_from(["rtsp-capture", "motion"]),
    st.integers(0, 2**60),
    st.integers(-5, 2**60),
    st.dictionaries(
        st.sampled_from(["span.kind", "frametrace.queued_ms"]), st.just("consumer") | st.floats() | st.integers()
    ),
)


@given(st.lists(_spans))
def test_any_journey_can_be_laid_out(spans: list[JourneySpan]) -> None:
    laid = Waterfall.of(Journey.of("t", spans))
    assert laid.length_us >= 1
    for bar in laid.bars:
        assert 0 <= bar.queued_us <= bar.begin_us
        assert bar.work_us >= 0
