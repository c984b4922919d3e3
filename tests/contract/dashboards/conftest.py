"""A running pipeline of this machine, and a Prometheus that watches it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.servers.prometheus import PrometheusServer
from tests.real.jaeger import JaegerServer
from tests.real.pipeline import LocalPipeline, running_pipeline
from tests.real.redis import RedisServer
from tests.real.watched import watched


@pytest.fixture(scope="module")
def redis_server(module_redis: RedisServer) -> RedisServer:
    """Each module's own."""
    return module_redis


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer, jaeger: JaegerServer
) -> Iterator[LocalPipeline]:
    camera = "test://?width=320&height=180&fps=10"
    urls = {"camera": camera, "redis": redis_server.url, "otlp": jaeger.otlp_url}
    with running_pipeline(tmp_path_factory.mktemp("pipeline"), urls) as pipeline:
        pipeline.wait_for_frames("motion", 20)
        yield pipeline


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, running: LocalPipeline) -> Iterator[PrometheusServer]:
    with watched(tmp_path_factory.mktemp("prometheus"), running) as server:
        yield server
