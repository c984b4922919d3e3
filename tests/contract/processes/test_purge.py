"""The wipe of a managed Jaeger's volume, with a real Jaeger on a disk: it comes back empty, and takes spans as before."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.purge import purge
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from scripts.servers.jaeger import JaegerServer

pytestmark = pytest.mark.contract

SECONDS = 15.0


def _export(jaeger: JaegerServer, service: str) -> None:
    provider = TracerProvider(resource=Resource({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{jaeger.otlp_url}/v1/traces")))
    provider.get_tracer("test").start_span("one").end()
    provider.shutdown()


def _services(jaeger: JaegerServer) -> list[str]:
    with urllib.request.urlopen(f"{jaeger.query_url}/api/services", timeout=5) as answer:
        found: Any = json.load(answer)["data"]
    return [name for name in found or () if name != "jaeger"]


def _wait_for(jaeger: JaegerServer, service: str) -> None:
    end = time.monotonic() + SECONDS
    while _services(jaeger) != [service]:
        assert time.monotonic() < end, _services(jaeger)
        time.sleep(0.1)


def test_a_wiped_volume_is_an_empty_storage_that_works(tmp_path: Path) -> None:
    jaeger = JaegerServer(tmp_path, badger=True)
    _export(jaeger, "before")
    _wait_for(jaeger, "before")
    jaeger.terminate()
    jaeger.start()
    _wait_for(jaeger, "before")
    jaeger.terminate()

    assert purge(tmp_path, "1")
    jaeger = JaegerServer(tmp_path, badger=True)
    try:
        assert _services(jaeger) == []
        _export(jaeger, "after")
        _wait_for(jaeger, "after")
    finally:
        jaeger.stop()
    assert not purge(tmp_path, "1"), "a restart of the pod clears nothing again"
    assert (tmp_path / "keys").is_dir()
