"""`kubectl frametrace ui`: where the page is, how it is opened, and what is said where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.forward.base import Target
from frametrace_operator.plugin.forward.real import _command

PAGE = {"state": "Running", "service": "yard-page-12345678", "pictures": "Denied"}
TARGET = Target("site-a", "yard-page-12345678", 8080)


@pytest.fixture
def paged(desk: Any) -> Any:
    """A desk whose pipeline has a page; the second connection never ends, and after it the person has seen enough."""
    desk.set_status(lambda status: status.update(journeyPage=dict(PAGE)))
    desk.forwards.ends = ["lost connection to pod", "lost connection to pod"]
    desk.most_pauses = 1
    return desk


def test_the_page_is_opened_once_and_its_address_stays_over_lost_connections(paged: Any) -> None:
    code, out, err = paged.run("ui", "yard")
    assert (code, out) == (130, "http://localhost:40123/\n")
    assert paged.browsed == ["http://localhost:40123/"]
    assert err.splitlines() == ["the connection ended (lost connection to pod); it is made anew"] * 2
    assert paged.forwards.asked == [(TARGET, 0), (TARGET, 40123)]
    assert paged.forwards.open == 0


def test_a_port_a_frame_and_no_browser_can_be_asked_for(paged: Any) -> None:
    code, out, _ = paged.run("ui", "yard", "--no-browser", "--port", "8088", "--frame", "cam01_000123")
    assert (code, out) == (130, "http://localhost:8088/?q=cam01_000123\n")
    assert paged.browsed == []
    assert paged.forwards.asked[0] == (TARGET, 8088)


def test_a_machine_without_a_browser_is_told_the_address(paged: Any) -> None:
    paged.has_browser = False
    _, out, err = paged.run("ui", "yard")
    assert out == "http://localhost:40123/\n"
    assert err.startswith("no browser could be opened")


def test_without_a_page_it_is_said_how_to_switch_it_on(desk: Any) -> None:
    code, out, err = desk.run("ui", "yard")
    assert (code, out) == (1, "")
    assert "kubectl annotate cpl yard -n site-a frametrace.dev/journey-page=Enabled" in err
    assert desk.forwards.asked == []


def test_a_page_that_starts_is_waited_for_and_one_that_cannot_is_told(desk: Any) -> None:
    desk.set_status(lambda status: status.update(journeyPage=PAGE | {"state": "Starting"}))
    desk.most_pauses = 100
    code, _, err = desk.run("ui", "yard")
    assert (code, len(desk.pauses)) == (69, 61)
    assert err.splitlines() == [
        "the page is being started",
        "kubectl frametrace: the journey page of site-a/yard is Starting",
    ]
    desk.set_status(lambda status: status.update(journeyPage=PAGE | {"state": "Unavailable", "message": "no image"}))
    code, _, err = desk.run("ui", "yard")
    assert (code, err) == (69, "kubectl frametrace: the journey page of site-a/yard is Unavailable: no image\n")


def test_a_forward_that_cannot_be_opened_is_one_line(paged: Any) -> None:
    paged.forwards.refused = "kubectl port-forward: error: pods is forbidden"
    code, out, err = paged.run("ui", "yard")
    assert (code, out) == (69, "")
    assert err == "kubectl frametrace: kubectl port-forward: error: pods is forbidden\n"


def test_kubectl_is_told_the_cluster_that_the_person_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    command = _command(Connection("site-a", "prod", None), "kubectl", TARGET, 0)
    assert command == [
        "kubectl", "port-forward", "--context=prod", "--address=127.0.0.1", "--namespace=site-a",
        "service/yard-page-12345678", ":8080",
    ]  # fmt: skip
