"""What a person asks by annotations: once, the later of two, and only what is a time stamp."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_operator.guard.deciding.requests import Asked, refused, requests, time_stamp
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import Site, pipeline

HEALTHY = TracingStatus(state=GuardState.HEALTHY)
EARLY, LATE = "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z"


def asked(status: TracingStatus = HEALTHY, **annotations: str) -> tuple[Asked | None, str | None, str | None]:
    names = {"rollback": ROLLBACK_TRACING, "reenable": REENABLE_TRACING}
    found = requests(pipeline(annotations={names[key]: value for key, value in annotations.items()}), status)
    return found.asked, found.rollback, found.reenable


def test_the_later_of_two_new_requests_holds_and_the_other_is_done_with() -> None:
    assert asked(rollback=EARLY, reenable=LATE) == (Asked.REENABLE, EARLY, None)
    assert asked(rollback=LATE, reenable=EARLY) == (Asked.ROLLBACK, None, EARLY)
    assert asked(rollback=EARLY, reenable=EARLY)[0] is Asked.ROLLBACK


def test_a_value_is_obeyed_once() -> None:
    status = HEALTHY.model_copy(update={"handled_rollback_request": EARLY})
    assert asked(status, rollback=EARLY) == (None, EARLY, None)
    assert asked(status, rollback=LATE)[0] is Asked.ROLLBACK
    assert asked(status) == (None, EARLY, None)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01t13:00:00.25+01:00", datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-01T12:00:00", None),
        ("2026-03-01", None),
        ("20260301T120000Z", None),
        ("2026-02-30T12:00:00Z", None),
        ("now", None),
        ("", None),
    ],
)
def test_only_time_stamps_of_rfc_3339_are_taken(text: str, time: datetime | None) -> None:
    assert time_stamp(text) == time


def test_a_refusal_names_the_annotation_and_shows_what_is_right() -> None:
    words = refused(pipeline(annotations={ROLLBACK_TRACING: "please " * 40}))
    assert ROLLBACK_TRACING in words
    assert "2026-03-01T12:00:00Z" in words
    assert len(words) < 300
    assert refused(pipeline(annotations={ROLLBACK_TRACING: EARLY})) == ""


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_in_an_annotation_breaks_a_pass(back: str, again: str) -> None:
    site = Site()
    site.annotations = {ROLLBACK_TRACING: back, REENABLE_TRACING: again}
    site.settle()
    assert site.state is GuardState.HEALTHY
