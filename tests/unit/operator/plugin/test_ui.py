"""`kubectl frametrace ui`: where the page is, how it is opened, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from frametrace_operator.errors import RetryError
from frametrace_operator.kube.kinds import PIPELINE
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


def change_later(desk: Any, change: Callable[[], Any]) -> None:
    """Something happens in the cluster while the command waits before it connects anew."""
    pause = desk.pause

    async def changed(seconds: float) -> None:
        change()
        await pause(seconds)

    desk.pause = changed


@pytest.mark.parametrize(
    ("page", "code", "words"),
    [
        (None, 1, "site-a/yard has no journey page"),
        ({"service": "yard-page-87654321"}, 1, "site-a/yard was made anew, and has a page of its own"),
        ({"state": "Suspended"}, 69, "is Suspended; `kubectl frametrace resume yard -n site-a` lets it go on"),
    ],
)
def test_it_ends_with_a_sentence_when_the_page_is_gone_rests_or_is_another(
    paged: Any, page: dict[str, str] | None, code: int, words: str
) -> None:
    change_later(
        paged, lambda: paged.set_status(lambda status: status.update(journeyPage=None if page is None else PAGE | page))
    )

    ended, _, err = paged.run("ui", "yard")

    assert (ended, words in err.splitlines()[-1]) == (code, True), err
    assert len(paged.forwards.asked) == 1


def test_it_ends_with_the_pipeline(paged: Any) -> None:
    change_later(paged, lambda: paged.world.kube.remove(PIPELINE, "site-a", "yard"))

    code, _, err = paged.run("ui", "yard")

    assert (code, "there is no pipeline 'yard'" in err) == (1, True)


@pytest.mark.parametrize("page", [{"state": "Starting"}, {"state": "Unavailable", "message": "no image"}])
def test_a_pod_that_will_come_again_is_waited_for(paged: Any, page: dict[str, str]) -> None:
    change_later(paged, lambda: paged.set_status(lambda status: status.update(journeyPage=PAGE | page)))

    code, _, _ = paged.run("ui", "yard")

    assert (code, len(paged.forwards.asked)) == (130, 2)


def test_an_api_server_that_is_away_for_a_moment_ends_nothing(paged: Any) -> None:
    change_later(paged, lambda: paged.world.kube.fail_next(RetryError("the API server does not answer")))

    code, _, _ = paged.run("ui", "yard")

    assert (code, len(paged.forwards.asked)) == (130, 2)


def test_a_failure_that_stays_the_same_is_told_once(paged: Any) -> None:
    paged.most_pauses = 5
    paged.forwards.ends = ["lost connection to pod"]
    change_later(paged, lambda: setattr(paged.forwards, "refused", "pod is not running. Current status=Pending"))

    code, _, err = paged.run("ui", "yard")

    assert (code, len(paged.forwards.asked)) == (130, 6)
    assert err.splitlines() == [
        "the connection ended (lost connection to pod); it is made anew",
        "pod is not running. Current status=Pending; tried again",
    ]


def test_a_page_that_rests_is_told_with_the_way_out(desk: Any) -> None:
    desk.set_status(lambda status: status.update(journeyPage=PAGE | {"state": "Suspended"}))

    code, out, err = desk.run("ui", "yard")

    assert (code, out) == (69, "")
    assert "site-a/yard is Suspended; `kubectl frametrace resume yard -n site-a` lets it go on" in err


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
