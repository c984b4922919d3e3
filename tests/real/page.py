"""Journey pages over real servers: the contract of one, the pipeline that it is of, and made-up frames for its Jaeger."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from frame_tracking import FrameID, Journey
from frametrace_api.contract import BrokerContract, JaegerContract, LiveContract, PageContract, PipelineRef, StageEdge

from tests.generated.journeys import TREE, Made, traces_data

__all__ = ["CROWD", "contract_of", "frame_of", "live_of", "send"]

CROWD = 5000
KEEP_SECONDS = 3600


def contract_of(pipeline: str, jaeger: str, broker: BrokerContract, **more: Any) -> PageContract:
    """The contract of a pipeline's page."""
    reference = PipelineRef(namespace="local", name=pipeline, uid="00000000-0000-0000-0000-000000000001")
    return PageContract(
        pipeline=reference,
        jaeger=JaegerContract(url=jaeger),
        broker=broker,
        trace_seconds=KEEP_SECONDS,
        **({"pictures_allowed": True} | more),
    )


def frame_of(number: int, pipeline: str, since: datetime, name: str = "") -> Journey:
    """A frame's journey, which began `number` hundredths of a second after `since`; `name` is added to its spans' names."""
    made, begun = Made(number), since + timedelta(seconds=number / 100)
    frame_id = FrameID.build(begun, f"cam{1 + number % 4:02d}", "a7f3c", number)
    shift = round(begun.timestamp() * 1_000_000) - made.journey().spans[0].start_us
    own = {"frame.id": frame_id, "camera.id": frame_id.camera, "frame.sequence": number, "pipeline.name": pipeline}
    return Journey.of(
        frame_id.trace_id,
        (
            replace(
                span,
                name=span.name + (name if span.name == "process_frame" else ""),
                start_us=span.start_us + shift,
                attributes={**span.attributes, **own},
                resource={"k8s.namespace.name": "local", "k8s.pod.name": f"{span.service}-x7k2p"},
            )
            for span in made.spans()
        ),
    )


def send(jaeger: Any, journeys: Iterable[Journey]) -> None:
    """Let a Jaeger take them, and wait for the last one."""
    journeys = tuple(journeys)
    for first in range(0, len(journeys), 250):
        body = json.dumps(traces_data(journeys[first : first + 250])).encode()
        request = urllib.request.Request(f"{jaeger.otlp_url}/v1/traces", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=30).close()
    until = time.monotonic() + 30
    last = f"{jaeger.query_url}/api/traces/{journeys[-1].trace_id}"
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(last, timeout=30).close()
        except urllib.error.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Jaeger does not have the last trace")


def live_of() -> LiveContract:
    """The pipeline of the made-up frames."""
    edges = tuple(StageEdge(name=name, input=upstream) for name, upstream in TREE.stages)
    return LiveContract(revision=TREE.revision, cameras=tuple(f"cam{n:02d}" for n in range(1, 5)), stages=edges)
