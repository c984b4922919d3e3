from __future__ import annotations

import pytest
from frame_tracking import DropReason, FrameID, Metric, Outcome, SpanCount
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from telemetry import LedgerBook, RuntimeMetrics

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")


@pytest.fixture
def book() -> LedgerBook:
    return LedgerBook()


@pytest.fixture
def metrics(book: LedgerBook) -> RuntimeMetrics:
    spans = SpanCount(created=10, exported=7, dropped={"queue_full": 2})
    return RuntimeMetrics(("cameras", "parking"), book, lambda: spans)


def _samples(metrics: RuntimeMetrics) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def test_every_metric_of_the_registry_exists_with_the_pipelines_labels(
    metrics: RuntimeMetrics, book: LedgerBook
) -> None:
    book.enter(FRAME, "capture", traced=True)
    book.end(FRAME, "capture", (Outcome.COMPLETED, None), at=5.0)
    metrics.observe(FRAME, "capture", 0.01, traced=True)
    metrics.skipped("cam01")
    metrics.camera_up("cam01", up=True)
    metrics.camera_reconnected("cam01")
    metrics.camera_error("cam01", "timeout")
    metrics.broker_up(up=True)
    metrics.queue_lag("cam01", "motion", 3)

    families = {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}

    assert set(families) == {str(metric) for metric in Metric}
    for family in families.values():
        assert family.samples, family.name
        assert all({"namespace", "pipeline"} <= set(sample.labels) for sample in family.samples)
        assert not any("frame_id" in sample.labels for sample in family.samples)


def test_counters_come_from_the_ledger_and_the_tracer(metrics: RuntimeMetrics, book: LedgerBook) -> None:
    book.enter(FRAME, "capture", traced=True)
    book.leave(FRAME, "capture", at=7.0)
    book.enter(FRAME, "motion", traced=True, context_lost=True)
    book.end(FRAME, "motion", (Outcome.DROPPED, DropReason.EXPIRED))
    book.give_back(FRAME, "motion")
    book.duplicate(FRAME, "motion")

    samples = _samples(metrics)

    place = ("cameras", "parking")
    assert samples["frametrace_frames_captured_total", "cam01", *place] == 1
    assert samples["frametrace_frames_published_total", "cam01", *place, "capture"] == 1
    assert samples["frametrace_frames_ended_total", "cam01", "cameras", "dropped", "parking", "expired", "motion"] == 1
    assert samples["frametrace_frames_given_back", "cam01", *place, "motion"] == 1
    assert samples["frametrace_frames_duplicate_total", "cam01", *place, "motion"] == 1
    assert samples["frametrace_context_lost_total", "cam01", *place, "motion"] == 1
    assert samples["frametrace_last_frame_timestamp_seconds", "cam01", *place, "capture"] == 7.0
    assert samples["frametrace_spans_created_total", *place] == 10
    assert samples["frametrace_spans_exported_total", *place] == 7
    assert samples["frametrace_spans_dropped_total", "queue_full", *place] == 2


def test_a_stage_tells_of_dead_letters_from_its_first_frame_on(metrics: RuntimeMetrics, book: LedgerBook) -> None:
    place = ("frametrace_frames_ended_total", "cam01", "cameras", "dead_lettered", "parking", "", "motion")
    book.enter(FRAME, "capture", traced=True)
    book.enter(FRAME, "motion", traced=True)
    before = _samples(metrics)
    book.end(FRAME, "motion", (Outcome.DEAD_LETTERED, None))

    assert (before[place], _samples(metrics)[place]) == (0, 1)
    assert not any("capture" in name and "dead_lettered" in name for name in before)


@pytest.mark.parametrize("traced", [True, False])
def test_a_traced_frame_is_its_buckets_exemplar(metrics: RuntimeMetrics, *, traced: bool) -> None:
    longest = FrameID(f"20240315T101530123456_{'c' * 32}_a7f3c_{10**17}")
    metrics.observe(longest, "motion", 0.004, traced=traced)

    exemplars = [
        sample.exemplar.labels
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
        if sample.exemplar
    ]

    assert exemplars == ([{"trace_id": longest.trace_id, "frame_id": str(longest)}] if traced else [])


def test_a_bucket_gets_another_exemplar_when_its_own_is_a_second_old(book: LedgerBook) -> None:
    times = iter((10.0, 10.9, 11.0))
    metrics = RuntimeMetrics(("cameras", "parking"), book, SpanCount, clock=lambda: next(times))
    frames = [FrameID(f"20240315T101530123456_cam01_a7f3c_00012{number}") for number in range(3)]
    shown = []
    for frame in frames:
        metrics.observe(frame, "motion", 0.004, traced=True)
        shown += [
            sample.exemplar.labels["frame_id"]
            for family in text_string_to_metric_families(metrics.render().decode())
            for sample in family.samples
            if sample.exemplar
        ]

    assert shown == [frames[0], frames[0], frames[2]]
