from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from frame_tracking import FrameID
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import INVALID_SPAN
from telemetry import describe, hide, redact, redaction, set_up_logs
from telemetry.current import Activation

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")


@pytest.fixture
def lines() -> Iterator[Any]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs("motion", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_level_time_and_service(lines: Any) -> None:
    structlog.get_logger("camera").warning("slow", seconds=1.5)

    (line,) = lines()
    assert (line["event"], line["level"], line["service"], line["seconds"]) == ("slow", "warning", "motion", 1.5)
    assert line["logger"] == "camera"
    assert line["timestamp"].endswith("Z")


def test_inside_a_hop_a_line_names_frame_and_trace(lines: Any) -> None:
    with Activation(FRAME, INVALID_SPAN):
        structlog.get_logger().info("inside")
        logging.getLogger("a.library").warning("inside %s", "too")
    structlog.get_logger().info("outside")

    first, second, third = lines()
    for line in (first, second):
        assert (line["frame_id"], line["trace_id"]) == (str(FRAME), FRAME.trace_id)
    assert "frame_id" not in third


def test_no_line_tells_a_credential(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    hide("c4nary-s3cret")
    log = structlog.get_logger()

    log.info(
        "connecting",
        url="rtsp://user:c4nary@camera/1",
        password="c4nary",
        nested={"token": "c4nary", "n": [1, "c4nary-s3cret"]},
    )
    logging.getLogger("redis").error("cannot reach redis://:c4nary@host:6379")
    try:
        open("redis://:c4nary@host/x")  # noqa: PTH123, SIM115 - its message holds the name
    except OSError:
        log.exception("failed")

    assert "c4nary" not in json.dumps(lines())
    assert lines()[0]["url"] == "rtsp://***@camera/1"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("rtsp://u:p@h/1 and redis://:x@h", "rtsp://***@h/1 and redis://***@h"),
        ("rtsp://u:p/a?s@h/1", "rtsp://***@h/1"),
        ("rtsp://u:p@ss@h/1", "rtsp://***@h/1"),
        ("'rtsp://u@h/1'", "'rtsp://***@h/1'"),
        ("rtsp://h/1", "rtsp://h/1"),
        ("mail a@b", "mail a@b"),
        ("", ""),
    ],
)
def test_user_parts_of_urls_are_taken_out(text: str, clean: str) -> None:
    assert redact(text) == clean


@given(st.text("rtsp:/@ax '\ud800", max_size=60))
def test_no_text_keeps_the_user_part_of_a_url(text: str) -> None:
    clean = redact(text)

    assert redact(clean) == clean
    for run in re.findall(r"[^\s'\"<>]+", clean):
        _, scheme, rest = run.partition("://")
        assert not scheme or "@" not in rest or (rest.startswith("***@") and rest.count("@") == 1)


def test_a_long_text_of_beginnings_of_urls_is_no_trap() -> None:
    """A search that begins anew at each of them would take hours."""
    assert redact("://" * 1_000_000) == "://" * 1_000_000


def test_a_secret_that_is_part_of_another_leaves_no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    for secret in ("hunter", "hunter22-longer", "22-longer"):
        hide(secret)

    assert redact("hunter22-longer and hunter") == "*** and ***"


def test_an_exception_that_cannot_say_what_it_is_is_described() -> None:
    class UnspeakableError(Exception):
        def __str__(self) -> str:
            raise ZeroDivisionError

    assert describe(UnspeakableError()) == "(its message cannot be read)"
    assert describe(ValueError("\ud800" * 10_000)) == "?" * 4096
    assert describe(ValueError(f"redis://u:{'p' * 5000}@h")) == "redis://***@h"


def test_a_short_secret_does_not_blank_out_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    hide("a")
    hide("")

    assert redact("a camera") == "a camera"
