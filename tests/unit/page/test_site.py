"""What the page shows: journeys, pictures, what is missing, lists; and that nothing that comes from elsewhere does harm."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from camera_runtime.page.site import ROWS, refuse_foreign_names
from frame_tracking import Journey
from frametrace_api.contract import LiveTracing, TracingState
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.generated.journeys import Made

JPEG = b"\xff\xd8\xff\xe0picture"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
PATHS = (
    "/",
    "/?order=slowest",
    "/?q=cam01",
    f"/?q={Made(3).frame_id}",
    f"/?q={Made(999).frame_id}",
    "/?q=!",
    "/nowhere",
)


class Page(HTMLParser):
    """The elements of a page, its visible text, and what it loads or leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += " "
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def rows(self) -> int:
        """Frames of its list."""
        return sum(name == "scope" and value == "row" for name, value in self.attributes)


def frames_of(body: str) -> list[str]:
    """The frames of a page's list."""
    return re.findall(r'<th scope="row"><a href="\?q=([^"]+)"', body)


def harmless(body: str) -> Page:
    """The page, which runs nothing and leads nowhere else."""
    page = Page(body)
    assert not {"script", "iframe", "object", "embed", "base", "style"} & set(page.tags)
    assert [name for name, _ in page.attributes if name.startswith("on") or name == "style"] == []
    leads = [value or "" for name, value in page.attributes if name in ("href", "src", "action")]
    assert [lead for lead in leads if not re.match(r"(\./$|\?|#|picture\.jpg\?|style\.css$|icon\.svg$)", lead)] == []
    return page


def test_a_journey_is_shown_with_queue_and_work_apart_and_its_attributes(visit: Any, journey_of: Any) -> None:
    visit.store(journey_of(3))
    visit.broker.pictures[Made(3).frame_id] = JPEG
    status, body = visit.get(f"/?q={Made(3).frame_id}")
    page = harmless(body)
    assert status == 200
    assert page.tags.count("summary") == 6
    assert body.count('<rect class="queue"') == 3
    assert "Queue 3.0 ms" in page.text
    assert "Every hop, no orphan, one outcome a branch." in page.text
    assert "process_frame resize completed" in page.text
    assert "k8s.namespace.name site-a" in page.text
    assert ("src", f"picture.jpg?q={Made(3).frame_id}") in page.attributes


def test_what_is_missing_of_a_journey_is_said_and_why(visit: Any, journey_of: Any) -> None:
    visit.store(journey_of(3, without=(6,)))
    _, body = visit.get(f"/?q={Made(3).frame_id}")
    assert "There is no span of 'resize': the frame waits for it still" in Page(body).text
    visit.live = visit.live.model_copy(update={"revision": "another"})
    _, body = visit.get(f"/?q={Made(3).frame_id}")
    assert "another tree of stages than the pipeline has now" in Page(body).text


@pytest.mark.parametrize(
    ("tracing", "hours", "words"),
    [
        (LiveTracing(), 0, "A frame with this ID would be traced now."),
        (LiveTracing(ratio="0"), 0, "not in the 0 of the camera's frames"),
        (LiveTracing(state=TracingState.OFF), 0, "Tracing is off now"),
        (LiveTracing(), 5, "It is 5 hours old, and traces are kept for 60 minutes."),
        (LiveTracing(), -3, "from now: a mistyped ID"),
    ],
)
def test_of_a_frame_without_a_span_it_is_said_what_is_known(
    visit: Any, journey_of: Any, tracing: LiveTracing, hours: int, words: str
) -> None:
    visit.store(journey_of(8), journey_of(10))
    visit.live = visit.live.model_copy(update={"tracing": tracing})
    visit.now = visit.now.replace(hour=10 + hours)
    status, body = visit.get(f"/?q={Made(9).frame_id}")
    page = harmless(body)
    assert status == 404
    assert words in page.text
    assert f"Before it {Made(8).frame_id}" in page.text
    assert f"After it {Made(10).frame_id}" in page.text


def test_a_frame_without_a_span_whose_picture_is_kept_was_captured(visit: Any) -> None:
    visit.broker.pictures[Made(9).frame_id] = JPEG
    _, body = visit.get(f"/?q={Made(9).frame_id}")
    assert "Its picture is still kept, so the frame was captured." in Page(body).text
    assert "picture.jpg?q=" in body


def test_parts_of_an_id_and_the_older_form_list_what_they_may_mean(visit: Any, journey_of: Any) -> None:
    visit.store(*(journey_of(number) for number in range(1, 80)))
    for text, rows in (
        ("20240315_cam01_000007", 1),
        ("cam01", ROWS),
        ("cam01_a7f3c_000009", 1),
        ("20240315T1015", ROWS),
    ):
        status, body = visit.get(f"/?q={text}")
        assert (status, harmless(body).rows()) == (200, rows), text
    status, body = visit.get("/?q=cam02_000001")
    assert (status, "No frame of this pipeline" in body) == (404, True)


def test_a_frame_of_another_pipeline_is_shown_nowhere(visit: Any, journey_of: Any) -> None:
    visit.store(journey_of(3, namespace="site-b"), journey_of(4, pipeline="gate"), journey_of(5))
    for path in ("/", "/?order=slowest", "/?q=cam01", "/?q=20240315", "/?q=a7f3c", "/?camera=cam01"):
        assert frames_of(visit.get(path)[1]) == [Made(5).frame_id], path
    for number in (3, 4):
        status, body = visit.get(f"/?q={Made(number).frame_id}")
        assert (status, frames_of(body), "process_frame" in body, "site-b" in body) == (404, [], False, False)


def test_lists_have_pages_and_the_slowest_are_first(visit: Any, journey_of: Any) -> None:
    visit.now = visit.now.replace(minute=30)
    visit.store(*(journey_of(number) for number in range(1, 5001)))
    _, body = visit.get("/")
    page = harmless(body)
    assert page.rows() == ROWS
    assert len(body) < 60_000
    older = next(value for name, value in page.attributes if name == "href" and value and "before=" in value)
    _, second = visit.get(f"/{older}")
    assert Page(second).rows() == ROWS
    assert re.search(r"a7f3c_005000\b", body)
    assert re.search(r"a7f3c_004950\b", second)
    assert not re.search(r"a7f3c_004951\b", second)


def test_the_slowest_of_the_newest_come_first(visit: Any, journey_of: Any) -> None:
    visit.store(*(journey_of(number) for number in range(1, 100)))
    slow = Made(50, slow_ms=400).journey()
    own = journey_of(50)
    longest = replace(own.spans[-1], duration_us=slow.spans[-1].duration_us)
    visit.store(Journey.of(own.trace_id, (*own.spans[:-1], longest)))
    _, body = visit.get("/?order=slowest&camera=cam01")
    first = re.search(r'scope="row"><a href="\?q=([^"]+)"', body)
    assert first
    assert first[1] == Made(50).frame_id


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_the_page_does_not_need(visit: Any, journey_of: Any, path: str) -> None:
    visit.store(journey_of(3))
    answer = visit.site.answer(path)
    headers = dict(answer.headers)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    harmless(answer.body.decode())


@given(
    st.one_of(
        st.text(max_size=300),
        st.text(alphabet="<>&\"'\\\x00\x1b\r\n\u202e_0123456789cam", max_size=60),
        st.builds(lambda text: f"{Made(3).frame_id}{text}", st.text(max_size=20)),
    )
)
@example(HOSTILE)
@example("A" * 10_000)
@example(f"{Made(3).frame_id}\x00")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_in_the_search_box_does_harm(visit: Any, text: str) -> None:
    for path in (f"/?q={quote(text)}", f"/picture.jpg?q={quote(text)}"):
        answer = visit.site.answer(path)
        assert answer.status in (200, 400, 404)
        assert len(answer.body) < 20_000
        if answer.content_type.startswith("text/html"):
            page = harmless(answer.body.decode())
            assert not re.search(r"[\x00-\x08\x0e-\x1f\u202a-\u202e]", page.text)


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=100))
@example(HOSTILE, HOSTILE, HOSTILE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_in_a_span_does_harm(visit: Any, journey_of: Any, name: str, key: str, value: str) -> None:
    journey = journey_of(3)
    hostile = (
        replace(
            span,
            name=f"{span.name} {name}",
            service=f"{span.service}{name}",
            attributes={key: value, **span.attributes},
        )
        for span in journey.spans
    )
    visit.store(Journey.of(journey.trace_id, hostile))
    for path in (f"/?q={Made(3).frame_id}", "/"):
        status, body = visit.get(path)
        assert status == 200
        harmless(body)


def test_a_jaeger_that_does_not_answer_is_told_and_the_picture_is_shown_all_the_same(visit: Any) -> None:
    visit.jaeger.broken = "Jaeger at http://jaeger:16686 does not answer (ReadTimeout)"
    visit.broker.pictures[Made(3).frame_id] = JPEG
    status, body = visit.get(f"/?q={Made(3).frame_id}")
    assert (status, "cannot be looked up now: Jaeger at http://jaeger:16686" in Page(body).text) == (503, True)
    assert "picture.jpg" in body
    for path in ("/", "/?q=cam01"):
        status, body = visit.get(path)
        assert (status, "does not answer" in body) == (503, True)


def test_a_picture_is_given_as_it_is_or_it_is_said_why_not(visit: Any, journey_of: Any) -> None:
    visit.store(journey_of(3))
    path = f"/picture.jpg?q={Made(3).frame_id}"
    assert visit.get(path) == (
        404,
        "Its picture is gone: pictures are kept for 60 seconds after the last stage had them.\n",
    )
    for raw in (b"\x00raw", b"\xff\xd8\x00raw"):
        visit.broker.pictures[Made(3).frame_id] = raw
        assert visit.get(path)[0] == 404
        assert "raw" in Page(visit.get(f"/?q={Made(3).frame_id}")[1]).text
    visit.broker.pictures[Made(3).frame_id] = JPEG
    answer = visit.site.answer(path)
    assert (answer.status, answer.content_type, answer.body) == (200, "image/jpeg", JPEG)
    visit.broker.away = True
    assert visit.get(path) == (503, "The picture cannot be looked up: Redis at redis:6379 is not reachable.\n")
    assert visit.get("/picture.jpg?q=cam01")[0] == 400


def test_probes_ask_neither_jaeger_nor_the_broker(visit: Any) -> None:
    visit.jaeger.broken, visit.broker.away = "away", True
    assert [visit.get(path) for path in ("/healthz", "/readyz")] == [(200, "ok\n")] * 2
    assert (visit.jaeger.asked, visit.broker.asked) == ([], 0)
    for path, kind in (("/style.css", "text/css"), ("/icon.svg", "image/svg+xml")):
        assert visit.site.answer(path).content_type.startswith(kind)


@pytest.mark.parametrize(
    ("peer", "host", "refused"),
    [
        ("127.0.0.1", "localhost:8088", False),
        ("127.0.0.1", "127.0.0.1:40123", False),
        ("::1", "[::1]:40123", False),
        ("::ffff:127.0.0.1", "LOCALHOST", False),
        ("127.0.0.1", "evil.example:40123", True),
        ("127.0.0.1", "evil.example", True),
        ("10.244.0.7", "frames.example", False),
    ],
)
def test_a_port_forward_is_no_way_in_for_other_sites(peer: str, host: str, *, refused: bool) -> None:
    answer = refuse_foreign_names(peer, host)
    assert (answer is not None) is refused
    assert answer is None or answer.status == 421
