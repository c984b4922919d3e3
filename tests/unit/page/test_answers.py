"""What the page says where an answer is not all that there is, and where it cannot be given."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from camera_runtime.page.site import ROWS

from tests.generated.fleet import Shot, fleet, in_batches
from tests.generated.journeys import Made


def text_of(body: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)))


def rows_of(body: str) -> int:
    return body.count('scope="row"')


def store(visit: Any, shots: list[Shot]) -> None:
    visit.store(*(shot.journey() for shot in in_batches(shots)))


def test_the_newest_frames_of_a_minute_that_is_over_are_listed(visit: Any) -> None:
    store(visit, fleet(2, 15, 180, visit.now.replace(minute=14)))
    for text in ("20240315T1015", "2024-03-15T10:15_cam01"):
        status, body = visit.get(f"/?q={text}")
        assert (status, rows_of(body)) == (200, ROWS)
        assert "The newest 50; a longer part of an ID finds fewer." in text_of(body)
    _, body = visit.get("/?q=20240315T101530_cam01")
    assert "15 found." in text_of(body)


def test_what_was_not_looked_through_is_said(visit: Any) -> None:
    store(visit, fleet(1, 30, 70, visit.now - timedelta(minutes=2)))
    status, body = visit.get("/?q=cam01_zzzzz")
    assert (status, "matches; looked through the newest " in text_of(body)) == (404, True)
    _, body = visit.get("/?q=cam01_12345")
    assert "12345 was taken for a session; a frame's number has at least six digits: 012345" in text_of(body)


def test_an_empty_page_does_not_deny_what_the_next_one_has(visit: Any) -> None:
    own = fleet(1, 1, 1, visit.now - timedelta(minutes=10))
    others = [replace(shot, namespace="site-b") for shot in fleet(20, 30, 6, visit.now - timedelta(minutes=1))]
    store(visit, [*own, *others])
    _, body = visit.get("/")
    assert "has a stored journey" not in text_of(body)
    assert "traces were looked through, and more would take too long" in text_of(body)
    assert ">Older</a>" in body


def test_of_a_jaeger_of_ones_own_nobody_here_knows_how_long_it_keeps_traces(external: Any, journey_of: Any) -> None:
    external.store(journey_of(8))
    external.now = external.now.replace(hour=12)
    assert rows_of(external.get("/")[1]) == 1
    _, body = external.get(f"/?q={Made(9).frame_id}")
    assert "It is 2 hours old, and how long its Jaeger keeps traces is known to that Jaeger's owner only." in text_of(
        body
    )
    assert "kept for" not in body.replace("pictures are kept for", "")


def test_an_answer_beyond_measure_says_what_to_do(visit: Any) -> None:
    store(visit, fleet(1, 10, 10, visit.now - timedelta(minutes=2)))
    visit.jaeger.largest = 0
    for path in ("/", "/?q=cam01"):
        status, body = visit.get(path)
        assert (status, "Look for a longer part of the ID, or a whole one." in text_of(body)) == (503, True)


@pytest.mark.parametrize("path", ["/", "/?q=cam01", f"/?q={Made(3).frame_id}"])
def test_a_page_that_cannot_be_made_is_told_as_a_fault(visit: Any, monkeypatch: Any, path: str) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(visit.jaeger, "search", fail)
    monkeypatch.setattr(visit.jaeger, "journey", fail)
    status, body = visit.get(path)
    assert (status, "a fault of Frametrace" in body) == (500, True)
    assert visit.get("/healthz")[0] == 200
