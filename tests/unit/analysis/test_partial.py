"""A Jaeger that stops to answer: what was read is printed, told as a part, and the exit code says so."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.analysis.main import main
from camera_runtime.cli.exits import Exit

from tests.generated.journeys import Made, as_jaeger


class Shaky(ThreadingHTTPServer):
    """A Jaeger's query API that gives ten frames in the first slice, and nothing but errors after it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.searches = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Shaky

    def do_GET(self) -> None:
        if self.path.startswith("/api/services"):
            self._send(200, {"data": ["rtsp-capture"]})
            return
        self.server.searches += 1
        if self.server.searches > 1:
            self._send(503, {"errors": [{"code": 503, "msg": "overloaded"}]})
            return
        begun = int(self.path.partition("start=")[2].partition("&")[0])
        traces = [as_jaeger(Made(number).journey()) for number in range(1, 11)]
        for trace in traces:
            for span in trace["spans"]:
                span["startTime"] = begun + 1000 * int(span["spanID"], 16)
        self._send(200, {"data": traces})

    def _send(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shaky]:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with Shaky() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_what_was_read_is_printed_and_told_as_a_part(
    shaky: Shaky, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    code = main(["completeness", "--json", "--since", "600", "--jaeger", shaky.url, "--html", str(page)])
    said = capsys.readouterr()
    found = json.loads(said.out)

    assert code == Exit.UNAVAILABLE
    assert (found["traces"], found["completeness"]["complete"]) == (10, 10)
    assert re.search(
        r"answered 503.*; journeys that began after 20\d\d-\d\d-\d\dT.* were not read$", found["shortfall"]
    )
    assert said.err.splitlines()[1].startswith("trace_analyzer: only a part was read: ")
    assert "Only a part was read: " in page.read_text()
    assert shaky.searches == 6  # five tries of the second slice
