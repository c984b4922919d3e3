"""GrpcSink in a process that forks; what it sends is compared in tests/contract/telemetry."""

from __future__ import annotations

import os

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from telemetry import Answer
from telemetry.otlp_grpc import GrpcSink


def test_a_forked_child_has_an_exporter_of_its_own() -> None:
    made: list[int] = []

    def make() -> InMemorySpanExporter:
        made.append(os.getpid())
        return InMemorySpanExporter()

    sink = GrpcSink(make)
    child = os.fork()
    if not child:
        taken = [sink.send(b"", 1).answer for _ in range(2)]
        os._exit(0 if taken == [Answer.TAKEN] * 2 and made[1:] == [os.getpid()] else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (sink.send(b"", 1).answer, made) == (Answer.TAKEN, [os.getpid()])
