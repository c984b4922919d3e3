from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from telemetry.span_buffer import HOLD_SECONDS, Entry, Single, SpanBuffer


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _entry(spans: int) -> Entry:
    entry = Entry()
    entry.spans, entry.scopes, entry.state = spans, None, None
    return entry


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "join", "take", "ok", "lost", "wait"]), st.integers(1, 5)), max_size=60
)


@given(steps=_STEPS, capacity=st.integers(1, 20), close=st.booleans())
def test_created_is_always_exported_and_dropped_and_waiting(
    *, steps: list[tuple[str, int]], capacity: int, close: bool
) -> None:
    clock = _Clock()
    buffer, taken, entries = SpanBuffer(capacity, 4, clock), 0, [_entry(1)]
    for step, number in steps:
        if step == "add":
            entries.append(_entry(number))
            buffer.add(entries[-1])
        elif step == "join":
            buffer.join(entries[-number % len(entries)], b"scope", own=number == 1)
        elif step == "take":
            taken += sum(entry.spans for entry in buffer.take(number))
        elif step == "wait":
            clock.now += HOLD_SECONDS
        elif taken >= number:
            buffer.settle(number if step == "ok" else 0, 0 if step == "ok" else number, "unavailable")
            taken -= number
        counts = buffer.snapshot()
        assert counts.created == counts.exported + sum(counts.dropped.values()) + buffer.waiting
        assert buffer.waiting - taken <= capacity
    if close:
        buffer.close()
        buffer.settle(taken, 0, "")
        assert buffer.add(_entry(1)) is False
        assert buffer.waiting == 0


def test_an_entry_is_held_until_others_have_had_time_to_join_it() -> None:
    clock = _Clock()
    buffer, entry = SpanBuffer(100, 1, clock), _entry(2)
    buffer.add(entry)

    young = buffer.take(10)
    joined = buffer.join(entry, b"scope")
    clock.now = HOLD_SECONDS
    taken = buffer.take(10)
    late = buffer.join(entry, b"scope")

    assert (young, joined, taken, late) == ([], True, [entry], False)
    assert (entry.spans, entry.scopes) == (3, [b"scope"])


def test_what_has_no_room_is_dropped_whole() -> None:
    buffer = SpanBuffer(4, 4)

    taken = [buffer.add(_entry(3)), buffer.add(_entry(2)), buffer.add(Single(b"scope"))]

    assert taken == [True, False, True]
    assert buffer.snapshot().dropped == {"queue_full": 2}


def test_nested_spans_are_cut_to_the_room_there_is_and_built_in_ones_are_not() -> None:
    buffer, hop = SpanBuffer(6, 6), _entry(2)
    for number in range(9):
        assert buffer.join(hop, b"%d" % number)
    buffer.join(hop, b"own", own=True)
    buffer.add(_entry(1))

    taken, joined = buffer.add(hop), buffer.join(hop, b"more")

    assert (taken, joined, hop.spans, hop.scopes) == (True, True, 5, [b"own", b"0", b"1"])
    assert (buffer.snapshot().created, buffer.snapshot().dropped) == (14, {"queue_full": 8})
    assert (sum(entry.spans for entry in buffer.take(99, held=False)), buffer.waiting) == (6, 6)


def test_a_hop_whose_built_in_spans_have_no_room_is_dropped_with_its_nested_ones() -> None:
    buffer, hop = SpanBuffer(3, 3), _entry(2)
    buffer.join(hop, b"own", own=True)
    buffer.join(hop, b"nested")
    buffer.add(_entry(1))

    assert buffer.add(hop) is False
    assert (buffer.snapshot().created, buffer.snapshot().dropped, buffer.waiting) == (5, {"queue_full": 4}, 1)


def test_the_spans_of_an_open_hop_are_bounded_and_not_copied() -> None:
    buffer, hop = SpanBuffer(4, 4), _entry(1)
    buffer.join(hop, b"0")
    first = hop.scopes
    for number in range(1, 100):
        buffer.join(hop, b"%d" % number)

    assert hop.scopes is first
    assert hop.scopes == [b"0", b"1", b"2", b"3"]
    assert buffer.snapshot().created == 0  # a hop that is not kept in the end has made none


def test_a_batch_is_ready_when_enough_spans_wait() -> None:
    buffer = SpanBuffer(100, 4)
    buffer.add(_entry(3))
    before = buffer.ready.is_set()
    buffer.add(_entry(1))

    assert (before, buffer.ready.is_set()) == (False, True)


def test_a_forked_child_begins_with_nothing() -> None:
    buffer = SpanBuffer(100, 4)
    buffer.add(_entry(9))

    buffer.reset()

    assert (buffer.snapshot().created, buffer.waiting, buffer.take(99, held=False)) == (0, 0, [])
