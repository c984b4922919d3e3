"""One camera and one stage as real processes, for the rows on tracing."""

from __future__ import annotations

import json
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraOptions, running_camera
from scripts.servers.prometheus import PrometheusServer
from tests.real.jaeger import JaegerServer
from tests.real.pipeline import LocalPipeline, running_pipeline
from tests.real.redis import RedisServer
from tests.real.watched import watched


@pytest.fixture(scope="session")
def jaeger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JaegerServer]:
    """A Jaeger that has these pipelines' frames alone, whichever tests run beside or before them."""
    server = JaegerServer(tmp_path_factory.mktemp("jaeger"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that has these pipelines' frames alone: pipelines of this machine all have one name, and some run as long as the tests."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def traced(redis_server: RedisServer, jaeger: JaegerServer) -> Iterator[LocalPipeline]:
    """A pipeline of which at least ten frames have ended, while it runs on."""
    options = CameraOptions(ClipSpec(640, 360, 15), port=0)
    with tempfile.TemporaryDirectory(prefix="frametrace-acceptance-") as folder, running_camera(options) as camera:
        urls = {"camera": camera, "redis": redis_server.url, "otlp": jaeger.otlp_url}
        with running_pipeline(Path(folder), urls) as pipeline:
            pipeline.wait_for_frames("motion", 30)
            yield pipeline


@pytest.fixture(scope="session")
def prometheus(traced: LocalPipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    """A Prometheus with Frametrace's rules that watches that pipeline and an operator's metrics."""
    with watched(tmp_path_factory.mktemp("prometheus"), traced) as server:
        yield server


class Query:
    """Jaeger's query API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str, **parameters: str) -> Any:
        """Return the answer's JSON."""
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        with urllib.request.urlopen(f"{self._url}{path}{query}", timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def query(jaeger: JaegerServer) -> Query:
    return Query(jaeger.query_url)
