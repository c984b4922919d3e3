"""Journey pages as processes, over a real Jaeger and a real Redis, with frames of a real capture and of thousands made up."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from frame_tracking import Journey
from frametrace_api.contract import (
    BrokerContract,
    LiveContract,
    PageContract,
    StageEdge,
)
from playwright.sync_api import Browser, Page

from scripts.servers.browser import chromium
from scripts.servers.page import PageServer
from scripts.servers.pipeline import LocalPipeline, Plan, running
from tests.real.jaeger import JaegerServer
from tests.real.page import CROWD, contract_of, frame_of, live_of, send
from tests.real.redis import RedisServer

NAMES = {"OTEL_RESOURCE_ATTRIBUTES": "k8s.namespace.name=local"}


@pytest.fixture(scope="module")
def jaeger(own_jaeger: JaegerServer) -> JaegerServer:
    """Each module's own: their pipelines have one name, and their pages show all of its frames."""
    return own_jaeger


@pytest.fixture(scope="module")
def redis_server(module_redis: RedisServer) -> RedisServer:
    """Each module's own."""
    return module_redis


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory, redis_server: Any, jaeger: Any) -> Iterator[LocalPipeline]:
    """A pipeline `local` whose frames flow; its picture is a test pattern."""
    folder = tmp_path_factory.mktemp("pipeline")
    plan = Plan(
        "test://?width=640&height=360&fps=5",
        BrokerContract(url=redis_server.url),
        jaeger.otlp_url,
        (("motion", "capture"), ("archive", "capture")),
        environment=NAMES,
    )
    with running(folder, plan) as pipeline:
        pipeline.wait_for_frames("archive", 10)
        yield pipeline


@pytest.fixture(scope="module")
def page(
    tmp_path_factory: pytest.TempPathFactory, camera: LocalPipeline, redis_server: Any, jaeger: Any
) -> Iterator[PageServer]:
    """The page of that pipeline."""
    edges = tuple(StageEdge(name=name, input=upstream) for name, upstream in camera.topology.stages)
    live = LiveContract(revision=camera.topology.revision, cameras=("cam01",), stages=edges)
    contract = contract_of("local", jaeger.query_url, BrokerContract(url=redis_server.url))
    server = PageServer(tmp_path_factory.mktemp("page"), contract, live)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, redis_server: Any, jaeger: Any) -> Iterator[PageServer]:
    """The page of a pipeline `crowd` with 5,000 frames of the last minute."""
    since = datetime.now(UTC) - timedelta(seconds=CROWD / 100)
    send(jaeger, (frame_of(number, "crowd", since) for number in range(1, CROWD + 1)))
    contract = contract_of("crowd", jaeger.query_url, BrokerContract(url=redis_server.url))
    server = PageServer(tmp_path_factory.mktemp("crowd"), contract, live_of())
    yield server
    assert server.stop() == 0


@pytest.fixture
def start_page(tmp_path: Path) -> Iterator[Callable[..., PageServer]]:
    """Start a page with a contract of one's own; it is ended after the test."""
    servers: list[PageServer] = []

    def start(contract: PageContract) -> PageServer:
        servers.append(PageServer(tmp_path, contract, live_of()))
        return servers[-1]

    yield start
    for server in servers:
        assert server.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. It is closed before other modules: while it is open, no other event loop can run in this thread."""
    with chromium() as browser:
        yield browser


class Visitor:
    """Somebody at a browser. What the page loads from elsewhere, complains of or pops up is noted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.loaded: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.loaded.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Open a window; keywords are those of a browser's context."""
    contexts = []

    def open_window(**options: Any) -> Visitor:
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(15_000)
        return Visitor(contexts[-1].new_page())

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def newest_frame(camera: LocalPipeline, jaeger: Any) -> Callable[[], str]:
    """The ID of a frame that has lately passed all stages."""

    def find() -> str:
        url = f"{jaeger.query_url}/api/traces?service=archive&limit=20&lookback=1h"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with urllib.request.urlopen(url, timeout=10) as answer:
                journeys = [Journey.from_jaeger(trace) for trace in json.loads(answer.read())["data"]]
            whole = [str(each.frame_id) for each in journeys if {"capture", "motion", "archive"} <= set(each.hops)]
            if whole:
                return max(whole)
            time.sleep(0.3)
        raise AssertionError(f"no frame has passed all stages: {[each.hops for each in journeys]}; {camera.told()}")

    return find
