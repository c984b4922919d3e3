from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from telemetry.counting import SpanTally

_STEPS = st.lists(st.tuples(st.sampled_from(["offer", "leave", "ok", "lost"]), st.integers(1, 5)), max_size=60)


@given(steps=_STEPS, capacity=st.integers(1, 10), close=st.booleans())
def test_created_is_always_exported_and_dropped_and_waiting(
    *, steps: list[tuple[str, int]], capacity: int, close: bool
) -> None:
    tally, queued, leaving = SpanTally(capacity), 0, 0
    for step, number in steps:
        if step == "offer":
            queued += sum(tally.offer() for _ in range(number))
        elif step == "leave" and queued >= number:
            tally.leave(number)
            queued, leaving = queued - number, leaving + number
        elif leaving >= number:
            tally.settle(number if step == "ok" else 0, 0 if step == "ok" else number, "unavailable")
            leaving -= number
    if close:
        tally.close()
        tally.settle(leaving, 0, "")
        tally.offer()

    counts = tally.snapshot()
    assert queued <= capacity
    assert counts.created == counts.exported + sum(counts.dropped.values()) + tally.waiting
    assert tally.waiting == (0 if close else queued + leaving)
