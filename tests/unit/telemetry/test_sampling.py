from __future__ import annotations

import sys

import pytest
from frame_tracking import Clock, FrameID, FrameIDGenerator, TracingNow
from frametrace_api.contract import LiveContract, LiveTracing, TracingState
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from telemetry import MemorySink, Sampling, Service, is_disabled, set_up_tracing
from telemetry.sampling import Keep, is_sampled

_IDS = FrameIDGenerator("cam01", clock=Clock())


@given(st.floats(0, 1))
def test_a_frame_is_sampled_as_the_stock_ratio_sampler_would(ratio: float) -> None:
    frame_id = _IDS.next()

    stock = TraceIdRatioBased(ratio).should_sample(None, int(frame_id.trace_id, 16), "capture_frame")

    assert is_sampled(frame_id, ratio) is stock.decision.is_sampled()


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.75])
def test_a_ratio_samples_about_that_many(ratio: float) -> None:
    ids = [FrameID(f"20240315T101530{n:06d}_cam01_a7f3c_{n:06d}") for n in range(4000)]

    assert abs(sum(is_sampled(frame_id, ratio) for frame_id in ids) / 4000 - ratio) < 0.03


def test_none_and_all() -> None:
    ids = [_IDS.next() for _ in range(100)]

    assert not any(is_sampled(frame_id, 0.0) for frame_id in ids)
    assert all(is_sampled(frame_id, 1.0) for frame_id in ids)


@given(st.text(max_size=12))
def test_the_live_contract_is_read_and_doubt_traces_nothing(text: str) -> None:
    sampling = Sampling.of(LiveContract(revision="r", tracing=LiveTracing(ratio=text, camera_ratios={"cam02": "0.5"})))

    assert 0.0 <= sampling.ratio_of("cam01") <= 1.0
    assert (sampling.ratio_of("cam02"), sampling.revision, sampling.on) == (0.5, "r", True)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "2", "", "much"])
def test_what_is_no_ratio_counts_as_none(text: str) -> None:
    off = LiveTracing(ratio=text, state=TracingState.OFF)

    assert Sampling.of(LiveContract(revision="r", tracing=off)) == Sampling(
        0.0, {}, "r", on=False, keep=Keep(errors=True)
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_SAMPLER": "jaeger_remote"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "many"},
    ],
)
def test_a_sampler_that_cannot_be_used_is_ignored_and_all_is_sampled(environ: dict[str, str]) -> None:
    tracer = set_up_tracing(Service("x"), environ, make_global=False, sink=MemorySink())

    assert tracer.capture(FrameID.generate(), 1, {}).context.sampled


def test_frames_go_on_untraced_where_nothing_can_send_spans(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "telemetry.otlp_grpc", None)  # as in an image without gRPC

    tracer = set_up_tracing(Service("x"), {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, make_global=False)

    said = capsys.readouterr().out
    assert (tracer.state, tracer.capture(FrameID.generate(), 1, {}).context.off) == (TracingNow.DISABLED, True)
    assert said.count("\n") == 1
    assert "tracing is off" in said
    assert "telemetry.otlp_grpc" in said


@pytest.mark.parametrize(("value", "disabled"), [("true", True), (" TRUE ", True), ("1", False), ("", False)])
def test_the_sdk_is_disabled_as_the_specification_says(value: str, *, disabled: bool) -> None:
    assert is_disabled({"OTEL_SDK_DISABLED": value}) is disabled
