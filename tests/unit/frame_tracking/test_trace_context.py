from __future__ import annotations

import pytest
from frame_tracking import Arrival, FrameID, InvalidTraceparentError, TraceContext, recover
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")
VALID = f"00-{FRAME.trace_id}-00f067aa0ba902b7-03"
LIKE = st.from_regex(r"\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,5})?\Z")


def _stock(traceparent: str, tracestate: str = "") -> tuple[int, int]:
    context = TraceContextTextMapPropagator().extract({"traceparent": traceparent, "tracestate": tracestate})
    found = get_current_span(context).get_span_context()
    return found.trace_id, found.span_id


@given(st.one_of(st.text(), LIKE, st.text("0123456789abcdef-", max_size=60)), st.text(max_size=40))
def test_reading_any_headers_gives_a_context_or_its_own_error(traceparent: str, tracestate: str) -> None:
    try:
        context = TraceContext.from_traceparent(traceparent, tracestate)
    except InvalidTraceparentError:
        return
    assert context.is_valid()
    assert context.tracestate in {"", tracestate}


@given(LIKE)
def test_what_is_accepted_is_what_opentelemetry_accepts(traceparent: str) -> None:
    try:
        context = TraceContext.from_traceparent(traceparent)
    except InvalidTraceparentError:
        assert _stock(traceparent) == (0, 0)
    else:
        assert _stock(traceparent) == (int(context.trace_id, 16), int(context.span_id, 16))


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_a_context_reads_back_as_it_was_written(trace_id: int, span_id: int, flags: int) -> None:
    context = TraceContext(f"{trace_id:032x}", f"{span_id:016x}", flags, "a=b")

    assert TraceContext.from_traceparent(context.traceparent, context.tracestate) == context


@given(st.one_of(st.none(), st.text(), LIKE), st.text(max_size=600))
def test_a_frame_goes_on_under_its_own_trace_whatever_arrives(traceparent: str | None, tracestate: str) -> None:
    context, arrival = recover(FRAME, traceparent, tracestate)

    assert (context.trace_id, context.is_valid()) == (FRAME.trace_id, True)
    assert arrival is Arrival.KEPT or context.flags == 3


@pytest.mark.parametrize(
    ("traceparent", "arrival"),
    [
        (VALID, Arrival.KEPT),
        (None, Arrival.MISSING),
        ("", Arrival.MISSING),
        (VALID.upper(), Arrival.MALFORMED),
        (VALID + "-00", Arrival.MALFORMED),
        ("ff" + VALID[2:], Arrival.MALFORMED),
        (f"00-{FRAME.trace_id}-{'0' * 16}-03", Arrival.MALFORMED),
        (f"00-{'0' * 32}-00f067aa0ba902b7-03", Arrival.MALFORMED),
        (f"00-{'a' * 32}-00f067aa0ba902b7-03", Arrival.FOREIGN),
        ("01" + VALID[2:] + "-more", Arrival.KEPT),
    ],
)
def test_in_what_state_a_context_arrived(traceparent: str | None, arrival: Arrival) -> None:
    assert recover(FRAME, traceparent)[1] is arrival


@pytest.mark.parametrize(
    ("flags", "sampled", "off"), [(3, True, False), (2, False, False), (1, True, False), (0, False, True)]
)
def test_what_the_flags_mean(flags: int, *, sampled: bool, off: bool) -> None:
    context = TraceContext(FRAME.trace_id, "1" * 16, flags)

    assert (context.sampled, context.off) == (sampled, off)


def test_an_untraced_frame_has_a_valid_context_that_never_changes() -> None:
    context = TraceContext.untraced(FRAME)

    assert (context.trace_id, context.flags, context.off, context.is_valid()) == (FRAME.trace_id, 0, True, True)
    assert context == TraceContext.untraced(FrameID(str(FRAME)))


@pytest.mark.parametrize(
    ("tracestate", "kept"),
    [
        ("a=1,b=2", "a=1,b=2"),
        ("fw529a3039@dt=x", "fw529a3039@dt=x"),
        ("A=1", ""),
        ("a", ""),
        ("a=" + "x" * 600, ""),
        (",".join(f"k{n}=v" for n in range(33)), ""),
    ],
)
def test_a_bad_tracestate_is_left_out(tracestate: str, kept: str) -> None:
    assert TraceContext.from_traceparent(VALID, tracestate).tracestate == kept
