"""GrpcSink without a network: in a process that forks, and what it makes of settings; real servers in tests/contract."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from telemetry import Answer
from telemetry.otlp_grpc import GrpcSink
from telemetry.otlp_settings import OtlpSettings


class _Channel:
    """One that takes everything, and keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def unary_unary(self, _method: str) -> Callable[..., bytes]:
        return self._call

    def _call(self, _request: bytes, **how: Any) -> bytes:
        self.calls.append(how)
        return b""

    def close(self) -> None:
        """Nothing is open."""


def test_a_forked_child_has_a_channel_of_its_own() -> None:
    made: list[int] = []

    def connect(_settings: OtlpSettings) -> _Channel:
        made.append(os.getpid())
        return _Channel()

    sink = GrpcSink(OtlpSettings(), connect)
    before = sink.send(b"", 1).answer
    child = os.fork()
    if not child:
        taken = [sink.send(b"", 1).answer for _ in range(2)]
        os._exit(0 if taken == [Answer.TAKEN] * 2 and made[1:] == [os.getpid()] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (before, sink.send(b"", 1).answer, made) == (Answer.TAKEN, Answer.TAKEN, [os.getpid()])


def test_headers_that_grpc_cannot_carry_cost_no_request(capsys: pytest.CaptureFixture[str]) -> None:
    channel = _Channel()
    headers = {
        "x-token": "t0ken",
        "x-accent": "s3cr\u00e9t",
        "x-bin": "s3cret",
        "grpc-timeout": "s3cret",
        "x~": "s3cret",
    }

    with closing(GrpcSink(OtlpSettings("http://u:p%40ss@host:4317", headers), lambda _: channel)) as sink:
        receipt = sink.send(b"spans", 7)

    assert (receipt.answer, channel.calls[0]["timeout"]) == (Answer.TAKEN, 7)
    assert dict(channel.calls[0]["metadata"]) == {"authorization": "Basic dTpwQHNz", "x-token": "t0ken"}
    said = capsys.readouterr().out
    assert [name for name in headers if f"header={name}" in said.replace("'", "")] == list(headers)[1:]
    assert "s3cr" not in said
