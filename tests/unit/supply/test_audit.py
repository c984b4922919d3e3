"""Known weaknesses are looked up where that is possible; where it is not, that is said by name and fails nothing."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from scripts.release.version import ROOT
from scripts.supply.audit import LOCKS, Unknown, audit, reach


def _refuses() -> None:
    raise Unknown("the source cannot be reached (no route)")


def _program(folder: Path, code: int, report: object = None) -> Path:
    """One that writes its report, if it has one, where it is asked to, and what it was asked for."""
    (folder / "report").write_text(json.dumps(report), encoding="utf-8")
    program = folder / "pip-audit"
    writes = f'while [ "$1" != --output ]; do shift; done; cat {folder}/report > "$2"' if report else "echo lost >&2"
    program.write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\n{writes}\nexit {code}\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def _report(*weaknesses: str) -> dict[str, object]:
    vulns = [{"id": name, "fix_versions": ["2.1"]} for name in weaknesses]
    skipped = {"name": "ours", "skip_reason": "no such package"}
    return {"dependencies": [{"name": "pip", "version": "2.0", "vulns": vulns}, skipped], "fixes": []}


@pytest.mark.parametrize(
    ("report", "code", "word"),
    [
        (_report(), 0, "audit: no known weakness"),
        (_report("PYSEC-1"), 1, "pip 2.0: PYSEC-1, mended in 2.1\naudit: FAILED"),
    ],
)
def test_every_lock_file_is_audited_and_what_is_known_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], report: object, code: int, word: str
) -> None:
    assert audit(lambda: None, lambda: _program(tmp_path, code, report)) == code

    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert all(f"--requirement {ROOT / lock}" in asked for lock in LOCKS)
    assert word in capfd.readouterr().out


def test_what_cannot_be_looked_up_is_said_and_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(_refuses, lambda: Path("never")) == 0

    said = capsys.readouterr().out
    assert said.startswith("audit: SKIPPED, known weaknesses of packages were not looked up: the source cannot be")


def test_a_connection_that_is_lost_on_the_way_is_no_weakness(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(lambda: None, lambda: _program(tmp_path, 1)) == 0

    assert "audit: SKIPPED" in capsys.readouterr().out


def test_a_tool_that_does_not_end_is_no_weakness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "pip-audit"
    program.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    program.chmod(0o755)

    assert audit(lambda: None, lambda: program, seconds=0.2) == 0

    assert "pip-audit did not end within 0.2 s" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [b"<html>log in</html>\r\n", b""])
def test_what_is_no_http_is_named(answer: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def portal() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=portal)
    thread.start()

    with pytest.raises(Unknown, match="cannot be reached"):
        reach(f"http://127.0.0.1:{listener.getsockname()[1]}/")

    thread.join(5)
    listener.close()


@pytest.fixture
def server() -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500 if self.path == "/broken" else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listener = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()
    thread.join(5)
    listener.server_close()


def test_a_source_that_answers_is_there_and_one_that_does_not_is_named(server: str) -> None:
    reach(f"{server}/")

    with pytest.raises(Unknown, match="broken cannot be reached"):
        reach(f"{server}/broken")


def test_the_tool_is_locked_by_hash_and_has_the_workspaces_versions() -> None:
    pins = [
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("scripts/supply/audit.lock", "requirements.lock")
    ]

    assert "pip-audit" in pins[0]
    assert {name for name in pins[0].keys() & pins[1].keys() if pins[0][name] != pins[1][name]} == set()
