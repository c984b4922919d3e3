"""What the guard reckons a span to take on a volume, held against a real badger's files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from frame_tracking import FrameIDGenerator
from frametrace_operator.guard.evidence import BYTES_A_SPAN
from frametrace_operator.guard.jaeger.base import JaegerAt, Taken
from frametrace_operator.guard.jaeger.real import HttpJaegers
from frametrace_operator.guard.measuring.growth import SHARE

from scripts.bench.frame_spans import SPANS_OF_A_FRAME, FrameSpans
from scripts.servers.jaeger import JaegerServer

FRAMES, AT_ONCE, CAMERAS = 1500, 200, 4
POD = "yard-cam01-8d11e0aa-7c9d6f5b84-x2k9q"
ATTRIBUTES = (
    "k8s.container.name=runtime,k8s.deployment.name=yard-cam01-8d11e0aa,k8s.namespace.name=site-a,k8s.node.name=worker-3,"
    f"k8s.pod.name={POD},service.instance.id=site-a.{POD}.runtime,service.namespace=site-a"
)
"""As the operator has them in its pods: badger keeps an index of each, for each span."""
COPIED_SECONDS = 10.5
"""Jaeger copies badger's counts every ten."""


async def test_a_span_takes_as_much_of_a_real_volume_as_the_guard_reckons_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", ATTRIBUTES)
    server = JaegerServer(tmp_path, badger=True)
    try:
        _send(server.otlp_url)
        taken = await _counted(JaegerAt(server.query_url, metrics_url=server.metrics_url))
    finally:
        server.terminate()  # which writes what is in its memory into files

    stored = sum(file.stat().st_size for file in (tmp_path / "keys").glob("*.sst"))
    assert taken.spans == FRAMES * SPANS_OF_A_FRAME
    assert taken.written is not None
    assert taken.stored == 0, "its files come by a table of 64 MiB"
    assert stored / taken.written == pytest.approx(SHARE, rel=0.15)
    assert stored / taken.spans == pytest.approx(BYTES_A_SPAN, rel=0.15)


def _send(otlp: str) -> None:
    made = FrameSpans.to(otlp)
    generators = [FrameIDGenerator(f"cam{number:02d}") for number in range(CAMERAS)]
    for number in range(FRAMES):
        made.frame(generators[number % CAMERAS].next())
        if number % AT_ONCE == AT_ONCE - 1:
            made.flush()
    made.close()


async def _counted(at: JaegerAt) -> Taken:
    """What it says when it has surely counted all."""
    await asyncio.sleep(COPIED_SECONDS)
    async with aiohttp.ClientSession() as session:
        return await HttpJaegers(session, allow=("127.0.0.0/8",)).taken(at)
