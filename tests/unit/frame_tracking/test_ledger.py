from __future__ import annotations

from typing import Any

from frame_tracking import SpanCount


def test_a_total_is_over_every_field_that_there_is() -> None:
    values: dict[str, Any] = {name: number for number, name in enumerate(SpanCount.model_fields, 1)}
    one, other = SpanCount(**values | {"dropped": {"a": 1, "b": 2}}), SpanCount(**values | {"dropped": {"b": 3}})

    total = SpanCount.total([one, other]).model_dump()

    assert total == {name: 2 * number for name, number in values.items()} | {"dropped": {"a": 1, "b": 5}}


def test_a_total_of_nothing_is_nothing() -> None:
    assert SpanCount.total([]) == SpanCount()
