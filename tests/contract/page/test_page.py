# ruff: noqa: ANN001 - the fixtures' types live in conftest.py, which cannot be imported
"""The page over a real Jaeger and a real Redis: it shows what is there, of its own pipeline only, and bounds its waits."""

from __future__ import annotations

import contextlib
import random
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError
from camera_runtime.journeys.jaeger import Jaeger
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import Frames
from frame_tracking import FrameID
from frametrace_api.contract import BrokerContract, JaegerContract

from scripts.servers.jaeger import JaegerServer
from tests.real.page import CROWD, contract_of, frame_of, send

pytestmark = pytest.mark.contract
CANARY = "c4nary-s3cret"


def frames_of(body: bytes) -> list[str]:
    """The frames of a page's list."""
    return re.findall(r'<th scope="row"><a href="\?q=([^"]+)"', body.decode())


def test_a_real_frame_has_its_journey_and_its_picture(page, newest_frame) -> None:
    frame = newest_frame()
    status, body = page.get(f"/?q={frame}")
    text = body.decode()
    assert status == 200
    assert "Every hop, no orphan, one outcome a branch." in text
    assert text.count("<summary") == 6
    assert "k8s.namespace.name" in text
    status, picture = page.get(f"/picture.jpg?q={frame}")
    assert (status, picture[:2], picture[-2:]) == (200, b"\xff\xd8", b"\xff\xd9")
    for text in (f"{frame[:8]}_cam01_{frame[-6:]}", f"{frame[:21]}_cam01", frame[:21], f"cam01_{frame[-6:]}"):
        assert frames_of(page.get(f"/?q={text}")[1]) == [frame], text
    for text in (frame[:15], f"{frame[:15]}_cam01"):
        assert frame in frames_of(page.get(f"/?q={text}")[1]), text


def test_a_frame_of_another_pipeline_in_the_same_jaeger_is_not_shown(page, crowd, newest_frame) -> None:
    frame = newest_frame()
    assert crowd.get(f"/?q={frame}")[0] == 404
    assert crowd.get(f"/picture.jpg?q={frame}")[0] == 404
    assert "process_frame" not in crowd.get(f"/?q={frame}")[1].decode()
    for path in ("/", "/?order=slowest", "/?q=cam01", f"/?q={frame[:13]}", "/?camera=cam01"):
        own, others = frames_of(page.get(path)[1]), frames_of(crowd.get(path)[1])
        assert own, path
        assert {FrameID(each).session for each in others} <= {"a7f3c"}, path
        assert {FrameID(each).session for each in own} == {FrameID(frame).session}, path


def test_all_of_5000_frames_are_on_pages_of_50_once(crowd) -> None:
    seen: list[str] = []
    path, pages = "/", 0
    while path:
        status, body = crowd.get(path)
        text = body.decode()
        rows = frames_of(body)
        assert (status, len(rows) <= 50, len(body) < 60_000) == (200, True, True)
        seen += rows
        pages += 1
        older = re.search(r'rel="next" href="([^"]+)"', text)
        path = f"/{older[1]}".replace("&amp;", "&") if older else ""
    assert [FrameID(frame).sequence for frame in seen] == list(range(CROWD, 0, -1))
    assert pages == CROWD // 50


@pytest.mark.parametrize("badger", [False, True], ids=["memory", "badger"])
def test_no_frame_is_left_out_whatever_the_order_in_which_a_jaeger_got_them(tmp_path: Path, *, badger: bool) -> None:
    since = datetime.now(UTC) - timedelta(seconds=30)
    journeys = [frame_of(number, "mixed", since) for number in range(1, 601)]
    random.Random(1).shuffle(journeys)
    server = JaegerServer(tmp_path, badger=badger)
    try:
        send(server, journeys)
        frames = Frames(Jaeger(server.query_url), Belonging("local", "mixed"), 3600, lambda: datetime.now(UTC))
        listed = frames.newest(40)
        found = list(listed.journeys)
        while listed.older:
            listed = frames.newest(40, before=listed.older)
            found += listed.journeys
    finally:
        server.stop()
    assert [journey.frame_id for journey in found] == sorted((str(j.frame_id) for j in journeys), reverse=True)


def test_on_rabbitmq_and_where_pictures_are_denied_the_page_says_so(start_page, jaeger, newest_frame) -> None:
    frame = newest_frame()
    rabbit = start_page(contract_of("local", jaeger.query_url, BrokerContract(type="RabbitMQ", overflow="Block")))
    assert "RabbitMQ carries them in its messages" in rabbit.get(f"/?q={frame}")[1].decode()
    assert rabbit.get(f"/picture.jpg?q={frame}")[0] == 404
    denied = start_page(
        contract_of("local", jaeger.query_url, BrokerContract(url="redis://:x@127.0.0.1:1/0"), pictures_allowed=False)
    )
    assert "Pictures are denied" in denied.get(f"/?q={frame}")[1].decode()
    assert denied.get(f"/picture.jpg?q={frame}")[0] == 403


def test_servers_that_are_away_are_told_without_their_credentials(start_page, newest_frame, tmp_path) -> None:
    frame = newest_frame()
    (tmp_path / "headers").write_text(f"authorization=Bearer {CANARY}")
    contract = contract_of(
        "local", f"http://me:{CANARY}@127.0.0.1:1", BrokerContract(url=f"redis://:{CANARY}@127.0.0.1:1/0")
    )
    jaeger = JaegerContract(url=contract.jaeger.url, headers_file=str(tmp_path / "headers"))
    away = start_page(contract.model_copy(update={"jaeger": jaeger}))
    answers = [
        away.get(path) for path in ("/", f"/?q={frame}", "/?q=cam01", f"/picture.jpg?q={frame}", "/?order=slowest")
    ]
    assert [status for status, _ in answers] == [503] * 5
    assert all(b"does not answer" in body or b"cannot be looked up" in body for _, body in answers)
    assert CANARY.encode() not in b"".join(body for _, body in answers) + away.log.read_bytes()


@contextlib.contextmanager
def dripping() -> Iterator[str]:
    """A server that answers a byte now and then, without end."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not over.wait(0.05):
                connection.sendall(b" ")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        listener.close()


def test_a_jaeger_that_answers_byte_by_byte_is_given_up() -> None:
    with dripping() as url, pytest.raises(JaegerUnavailableError, match="does not answer"):
        Jaeger(url, timeout_seconds=2, answer_seconds=0.3).journey("ab" * 16)


def test_an_answer_without_measure_is_given_up(jaeger, crowd) -> None:
    frames = Frames(
        Jaeger(jaeger.query_url, largest_bytes=5000), Belonging("local", "crowd"), 3600, lambda: datetime.now(UTC)
    )
    with pytest.raises(AnswerTooLargeError, match="more than 5000 bytes"):
        frames.newest(50)


def test_through_a_port_forward_only_localhost_is_answered(page) -> None:
    assert page.get("/healthz", Host="localhost:1234")[0] == 200
    for path in ("/", "/picture.jpg?q=x", "/healthz"):
        assert page.get(path, Host="evil.example") == (421, b"Open this page as localhost.\n")


def test_a_probe_may_ask_by_head(page) -> None:
    for path, status in (("/", 200), ("/healthz", 200), ("/nowhere", 404)):
        head, _, body = _ask(page.url, "HEAD", path).partition(b"\r\n\r\n")
        assert (int(head.split()[1]), body, b"Content-Length: 0" in head) == (status, b"", False)


def test_headers_that_are_missing_are_told_as_that(start_page, jaeger, tmp_path) -> None:
    contract = contract_of("local", jaeger.query_url, BrokerContract(url="redis://:x@127.0.0.1:1/0"))
    without = JaegerContract(url=jaeger.query_url, headers_file=str(tmp_path / "missing"))
    status, body = start_page(contract.model_copy(update={"jaeger": without})).get("/")
    assert (status, b"The headers for Jaeger cannot be read from" in body) == (503, True)


def test_nothing_can_be_changed(page) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert _ask(page.url, method).startswith(b"HTTP/1.0 501")
    assert _ask(page.url, "GET", "/" + "a" * 70_000).startswith(b"HTTP/1.0 414")


def _ask(url: str, method: str, path: str = "/") -> bytes:
    """Return a whole answer: headers and body are sent apart, and the page closes after them."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
        answer = bytearray()
        with contextlib.suppress(ConnectionResetError):  # after the answer to a request too long to be read
            while chunk := connection.recv(65536):
                answer += chunk
        return bytes(answer)
