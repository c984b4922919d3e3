# ruff: noqa: ANN001 - the fixtures' types live in conftest.py, which cannot be imported
"""The page in a real Chromium: a frame is found and seen, by keyboard too, on small screens, and hostile IDs do no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking import FrameID
from frametrace_api.contract import BrokerContract

from tests.real.page import CROWD, contract_of, frame_of, send

pytestmark = pytest.mark.contract

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'{{7*7}}${7*7}",
    "A" * 10_000,
    "cam01\u202e\u0007\u0000_x",
    "javascript:alert(1)//%0d%0aSet-Cookie:a=b",
)
_CONTRAST = """
() => {
  const lum = ([r, g, b]) => { const f = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const back = element => { for (let e = element; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const [a, b] = [lum(rgb(getComputedStyle(e).color)), lum(back(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push([e.tagName, e.className, e.textContent.trim().slice(0, 40), ratio.toFixed(2)]);
  }
  return poor;
}
"""
_WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_UNLABELLED = (
    "() => [...document.querySelectorAll('input, select')].filter(e => !e.labels.length).map(e => e.outerHTML)"
)


def text_of(visitor: Any) -> str:
    return " ".join(visitor.page.inner_text("body").split())


def loaded_elsewhere(visitor: Any, url: str) -> list[str]:
    return [each for each in visitor.loaded if not each.startswith(url)]


def test_a_frame_is_searched_and_its_picture_and_waterfall_are_seen(visitor, page, newest_frame) -> None:
    window, frame = visitor(), newest_frame()
    window.page.goto(page.url)
    window.page.get_by_label("Frame ID, or a part of one").fill(frame)
    window.page.get_by_role("button", name="Find").click()
    window.page.wait_for_url(f"**/?q={frame}")
    picture = window.page.get_by_role("img", name=f"The picture of frame {frame}")
    picture.wait_for()
    assert picture.evaluate("img => [img.complete, img.naturalWidth, img.naturalHeight]") == [True, 640, 360]
    assert window.page.locator("ol.waterfall > li").count() == 6
    assert "Every hop, no orphan, one outcome a branch." in text_of(window)
    first = window.page.locator("ol.waterfall summary").first
    assert not window.page.get_by_text("frame.sequence", exact=True).first.is_visible()
    first.click()
    assert window.page.get_by_text("frame.sequence", exact=True).first.is_visible()
    assert (loaded_elsewhere(window, page.url), window.complaints) == ([], [])


def test_bars_stand_where_the_spans_were_and_queue_and_work_differ(visitor, crowd) -> None:
    window = visitor(viewport={"width": 1280, "height": 900})
    window.page.goto(crowd.url)
    window.page.locator("tbody th a").first.click()
    window.page.get_by_role("heading", name="Journey").wait_for()
    boxes = window.page.evaluate(
        "() => [...document.querySelectorAll('ol.waterfall svg')].map(svg => { const s = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('rect')].map(r => { const b = r.getBoundingClientRect();"
        " return [r.getAttribute('class'), (b.left - s.left) / s.width, b.width / s.width, getComputedStyle(r).fill] }) })"
    )
    bars = [bar for row in boxes for bar in row]
    assert all(-0.01 <= left <= 1.01 and 0 < width <= 1.01 and left + width <= 1.01 for _, left, width, _ in bars)
    assert {fill for kind, _, _, fill in bars if kind == "queue"}.isdisjoint(
        fill for kind, _, _, fill in bars if kind == "work"
    )
    assert [kind for kind, *_ in bars].count("queue") == 3
    assert boxes[0][0][1] < 0.01


def test_a_frame_that_is_missing_is_told_with_what_is_known(visitor, crowd, jaeger) -> None:
    window = visitor()
    window.page.goto(crowd.url)
    there = FrameID(str(window.page.locator("tbody th a code").nth(3).text_content()))
    gone = FrameID.build(there.time + timedelta(microseconds=7), there.camera, str(there.session), there.sequence + 2)
    window.page.get_by_label("Frame ID, or a part of one").fill(gone)
    window.page.keyboard.press("Enter")
    window.page.get_by_role("heading", name="What can have become of it").wait_for()
    said = text_of(window)
    assert "No span of this frame is stored for this pipeline." in said
    assert f"Before it {there}" in said
    assert gone.trace_id in said
    assert "Its picture is gone" in said


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_id_does_no_harm(visitor, page, text: str) -> None:
    window = visitor()
    window.page.goto(page.url)
    window.page.get_by_label("Frame ID, or a part of one").fill(text)
    window.page.get_by_role("button", name="Find").click()
    window.page.get_by_role("heading", name="That did not work").wait_for()
    alert = window.page.get_by_role("alert").inner_text()
    assert len(alert) < 400
    assert "owned" not in window.page.title()
    assert window.page.locator("script, img").count() == 0
    assert window.page.context.cookies() == []
    assert window.page.evaluate(_WIDER_THAN_THE_SCREEN) == 0
    assert loaded_elsewhere(window, page.url) == []
    assert [each for each in window.complaints if "400 (Bad Request)" not in each] == []


def test_hostile_names_and_attributes_of_spans_do_no_harm(visitor, start_page, jaeger) -> None:
    journey = frame_of(1, "hostile", datetime.now(UTC), name="<script>alert(1)</script><img src=x onerror=alert(2)>")
    send(jaeger, [journey])
    server = start_page(contract_of("hostile", jaeger.query_url, BrokerContract(url="redis://127.0.0.1:1/0")))
    window = visitor()
    window.page.goto(f"{server.url}/?q={journey.frame_id}")
    assert "<img src=x onerror=alert(2)>" in text_of(window)
    assert window.page.locator("script, img").count() == 0
    assert (loaded_elsewhere(window, server.url), window.complaints) == ([], [])


def test_5000_recent_frames_stay_usable(visitor, crowd) -> None:
    window = visitor()
    window.page.goto(crowd.url)
    numbers = []
    for _ in range(4):
        rows = window.page.locator("tbody tr")
        assert rows.count() == 50
        assert window.page.locator("*").count() < 1500
        numbers += [int(code.rsplit("_", 1)[1]) for code in window.page.locator("tbody th code").all_text_contents()]
        window.page.get_by_role("link", name="Older").click()
    assert numbers == list(range(CROWD, CROWD - 200, -1))
    window.page.get_by_role("link", name="Newest").click()
    window.page.get_by_label("Camera").select_option("cam02")
    window.page.get_by_label("Order").select_option("slowest")
    window.page.get_by_role("button", name="Show").click()
    window.page.get_by_role("heading", name="Slowest frames of cam02").wait_for()
    assert window.page.locator("tbody tr").count() == 50
    assert all("_cam02_" in code for code in window.page.locator("tbody th code").all_text_contents())


def test_everything_can_be_done_by_keyboard_and_the_focus_is_seen(visitor, page, newest_frame) -> None:
    window, frame = visitor(), newest_frame()
    keys, current = window.page.keyboard, "() => document.activeElement.textContent.trim() || document.activeElement.id"

    def tab_to(words: str) -> None:
        for _ in range(30):
            keys.press("Tab")
            style = window.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none"
            if words in window.page.evaluate(current):
                return
        raise AssertionError(f"{words!r} is not reached")

    window.page.goto(page.url)
    keys.press("Tab")
    assert window.page.evaluate(current) == "Skip to the content"
    tab_to("q")
    keys.type(frame)
    keys.press("Enter")
    window.page.wait_for_url(f"**/?q={frame}")
    tab_to("capture_frame")
    keys.press("Enter")
    assert window.page.get_by_text("frame.sequence", exact=True).first.is_visible()
    keys.press("Enter")
    assert not window.page.get_by_text("frame.sequence", exact=True).first.is_visible()
    window.page.goto(page.url)
    tab_to("camera")
    keys.press("ArrowDown")
    tab_to("Show")
    keys.press("Enter")
    window.page.wait_for_url("**camera=cam01**")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast_and_fields_have_labels_in_both_schemes(visitor, page, newest_frame, scheme: str) -> None:
    window = visitor(color_scheme=scheme)
    for path in ("/", f"/?q={newest_frame()}", "/?q=20240315T101530123456_cam01_a7f3c_000123", "/?q=%21"):
        window.page.goto(page.url + path)
        assert window.page.evaluate(_CONTRAST) == []
        assert window.page.evaluate(_UNLABELLED) == []
        assert window.page.locator("h1").count() == 1


@pytest.mark.parametrize("width", [320, 390, 768])
def test_small_screens_need_no_sideways_scrolling(visitor, page, crowd, newest_frame, width: int) -> None:
    window = visitor(viewport={"width": width, "height": 740}, has_touch=True)
    for url in (page.url, f"{page.url}/?q={newest_frame()}", f"{page.url}/?q={'x' * 150}", crowd.url):
        window.page.goto(url)
        assert window.page.evaluate(_WIDER_THAN_THE_SCREEN) <= 0, url
        button = window.page.get_by_role("button", name="Find").bounding_box()
        assert button
        assert button["height"] >= 44
    assert window.page.locator("tbody tr").first.is_visible()


def test_the_page_works_without_any_script(visitor, page, newest_frame) -> None:
    window, frame = visitor(java_script_enabled=False), newest_frame()
    window.page.goto(page.url)
    window.page.get_by_label("Frame ID, or a part of one").fill(frame)
    window.page.get_by_role("button", name="Find").click()
    assert window.page.locator("ol.waterfall > li").count() == 6
    window.page.locator("ol.waterfall summary").first.click()
    assert window.page.get_by_text("frame.sequence", exact=True).first.is_visible()


def test_below_a_path_of_a_proxy_all_links_stay_below_it(visitor, page, newest_frame) -> None:
    """An ingress that serves the page below /frames/ and takes that off again."""
    window, frame = visitor(), newest_frame()

    def proxy(route: Any) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace("/frames/", "/")))

    window.page.route("**/frames/**", proxy)
    window.page.goto(f"{page.url}/frames/")
    window.page.get_by_label("Frame ID, or a part of one").fill(frame)
    window.page.get_by_role("button", name="Find").click()
    window.page.get_by_role("img", name=f"The picture of frame {frame}").wait_for()
    window.page.unroute_all(behavior="wait")  # what is still on its way must not outlive its answer
    assert [each for each in window.loaded if not each.startswith(f"{page.url}/frames/")] == []
