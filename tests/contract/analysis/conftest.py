"""A real Jaeger, filled with the spans of frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.bench.stored_frames import StoredFrames
from scripts.servers.jaeger import JaegerServer


@pytest.fixture(scope="session", params=["memory", "badger"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredFrames]:
    """3,000 frames in a Jaeger of each storage: more than it gives at once."""
    folder: Path = tmp_path_factory.mktemp("jaeger")
    server = JaegerServer(folder, badger=request.param == "badger")
    try:
        frames = StoredFrames(server.otlp_url, server.query_url)
        frames.add(15_000)
        yield frames
    finally:
        server.stop()
