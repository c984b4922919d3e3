"""What is no Jaeger is told apart from a Jaeger that has no such trace, and Jaeger's own words are handed on."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking.jaeger_refusals import is_nothing_found, is_unwritable, told


@pytest.mark.parametrize(
    ("status", "answer", "nothing"),
    [
        (404, {"data": None, "errors": [{"code": 404, "msg": "trace not found"}]}, True),
        (404, {"error": {"httpCode": 404, "message": "No traces found"}}, True),
        (404, None, False),
        (404, {}, False),
        (404, {"message": "Not found"}, False),
        (404, {"kind": "Status", "code": 404, "message": "the server could not find the requested resource"}, False),
        (404, {"status": "error", "error": "not found"}, False),
        (404, {"error": {"code": 404, "message": "no such route"}}, False),
        (404, {"errors": ["x"]}, False),
        (500, {"data": None, "errors": [{"code": 500, "msg": "boom"}]}, False),
        (200, {"data": []}, False),
    ],
    ids=str,
)
def test_only_a_jaeger_says_that_there_is_no_such_trace(status: int, answer: Any, *, nothing: bool) -> None:
    assert is_nothing_found(status, answer) is nothing


@pytest.mark.parametrize(
    ("status", "answer", "says"),
    [
        (500, {"errors": [{"code": 500, "msg": "search depth must be\nless"}]}, ": search depth must be less"),
        (500, {"errors": [{"code": 500, "msg": "dial http://me:s3cret@db: no"}]}, ": dial http://***@db: no"),
        (400, {"error": {"httpCode": 400, "message": "bad time"}}, ": bad time"),
        (401, None, ", and not as Jaeger's query API does: something before it wants a login, or another one"),
        (404, None, ", and not as Jaeger's query API does; is that its query port (16686)?"),
        (
            500,
            {"errors": [{"code": 500, "msg": 7}]},
            ", and not as Jaeger's query API does; is that its query port (16686)?",
        ),
    ],
    ids=str,
)
def test_jaegers_own_words_are_handed_on(status: int, answer: Any, says: str) -> None:
    assert told(status, answer) == says


@pytest.mark.parametrize("number", ["NaN", "+Inf", "-Inf"])
def test_a_trace_of_which_jaeger_makes_no_json_is_told_by_its_words(number: str) -> None:
    says = "failed writing HTTP response: failed marshalling HTTP response to JSON: json: unsupported value: "

    assert is_unwritable({"data": None, "errors": [{"code": 500, "msg": says + number}]})
    assert not is_unwritable({"data": None, "errors": [{"code": 500, "msg": "boom"}]})
    assert not is_unwritable({"data": says})


def test_words_without_end_are_cut() -> None:
    assert len(told(500, {"errors": [{"code": 500, "msg": "x" * 10_000}]})) < 400
