"""What commands print for programs is JSON, whatever numbers a trace holds."""

from __future__ import annotations

import json
from math import inf, isfinite, nan
from typing import Any

import pytest
from frame_tracking.printed_json import printed_json
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(text: str) -> Any:
    return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_a_number_that_is_not_finite_becomes_a_text() -> None:
    spans = ({"attributes": {"score": nan, "scores": [0.5, inf], "plain": 0.5}},)

    assert read(printed_json({"spans": spans})) == {
        "spans": [{"attributes": {"score": "nan", "scores": [0.5, "inf"], "plain": 0.5}}]
    }


def test_without_an_indent_it_is_one_line() -> None:
    assert printed_json({"a": [1, nan]}, None) == '{"a": [1, "nan"]}'


@given(VALUES)
def test_whatever_it_is_the_rest_stays_as_it_was(value: Any) -> None:
    def written(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: written(inner) for key, inner in each.items()}
        if isinstance(each, list):
            return [written(inner) for inner in each]
        return str(each) if isinstance(each, float) and not isfinite(each) else each

    assert read(printed_json(value)) == written(value)
