"""Writes docs/images/journey-page-*.png: ``python -m scripts.screenshots``, a pipeline, its page and Chromium on this machine.

They are committed, and made anew when the page's look changes: frames differ at every run. The page's tests in Chromium take
the same pictures of their own page, and compare what can be compared.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from frame_tracking import FrameID
from frametrace_api.contract import (
    BrokerContract,
    JaegerContract,
    LiveContract,
    PageContract,
    PipelineRef,
    StageEdge,
)
from playwright.sync_api import Browser

from scripts.screenshots.shots import IMAGES, take
from scripts.servers.browser import chromium
from scripts.servers.jaeger import JaegerServer
from scripts.servers.page import PageServer
from scripts.servers.pipeline import LocalPipeline, Plan, running
from scripts.servers.redis import RedisServer

__all__ = ["main"]

_STAGES: Final = (("motion", "capture"), ("small", "motion"), ("archive", "capture"))
_HANDLERS: Final = {"small": "resize"}
_CAMERA: Final = "test://?width=1280&height=720&fps=10"
_FRAMES: Final = 60
_WAITED: Final = """
() => [...document.querySelectorAll('tbody tr')].filter(row => row.innerText.includes('completed')
  && row.querySelector('rect.queue').width.baseVal.value > 0.2 * row.querySelector('rect.work').width.baseVal.value)
  .map(row => row.querySelector('th').innerText)[0]
"""


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="frametrace-screenshots-") as folder,
        _page(Path(folder)) as page,
        chromium() as browser,
    ):
        for path in take(browser, page.url, _newest(browser, page.url), IMAGES):
            print(f"{path.relative_to(IMAGES.parents[1])}: {path.stat().st_size // 1000} kB")


@contextmanager
def _page(folder: Path) -> Iterator[PageServer]:
    """A page whose pipeline runs and has had frames."""
    jaeger, redis = JaegerServer(folder), RedisServer(folder)
    try:
        broker = BrokerContract(url=redis.url, frame_seconds=600)
        environment = {"OTEL_RESOURCE_ATTRIBUTES": "k8s.namespace.name=local", "RESIZE_WIDTH": "320"}
        plan = Plan(_CAMERA, broker, jaeger.otlp_url, _STAGES, _HANDLERS, environment)
        with running(folder, plan) as pipeline:
            for name, _ in _STAGES:
                pipeline.wait_for_frames(name, _FRAMES)
            server = PageServer(folder, _contract(jaeger.query_url, broker), _live(pipeline))
            try:
                yield server
            finally:
                server.stop()
    finally:
        redis.stop()
        jaeger.stop()


def _contract(query_url: str, broker: BrokerContract) -> PageContract:
    reference = PipelineRef(namespace="local", name="local", uid="00000000-0000-0000-0000-000000000001")
    return PageContract(
        pipeline=reference, jaeger=JaegerContract(url=query_url, alone=True), broker=broker, pictures_allowed=True
    )


def _live(pipeline: LocalPipeline) -> LiveContract:
    edges = tuple(StageEdge(name=name, input=upstream) for name, upstream in pipeline.topology.stages)
    return LiveContract(revision=pipeline.topology.revision, cameras=("cam01",), stages=edges)


def _newest(browser: Browser, url: str) -> FrameID:
    """Return a frame that has passed all stages, and had to wait in a queue so long that its picture shows it."""
    page = browser.new_page()
    found: str | None = None
    while not found:
        time.sleep(0.5)
        page.goto(url)
        found = page.evaluate(_WAITED)
    page.close()
    return FrameID(found)


if __name__ == "__main__":
    main()
