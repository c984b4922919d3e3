"""The frames that every pipeline of the operator's benchmarks has, its ledgers, and the traces of these frames. Values only.

All pipelines have the same frames, as nobody compares them with each other: 30 a second, made up from their time alone, so
that any process knows them. A window is the runtime's own model; a trace has the spans and attributes that Jaeger returns.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from frame_tracking import (
    CAPTURE_HOP,
    CAPTURE_SERVICE,
    FinishedFrames,
    FrameID,
    HopCount,
    Ledger,
    LedgerBucket,
    LedgerWindow,
    Outcome,
    SpanCount,
    Topology,
    sample_hash,
)
from frame_tracking.ledger import BrokerState, CameraState
from frame_tracking.ledger_window import BUCKET_SECONDS

from scripts.bench.operator_scale_parts.fleet import CAMERA, STAGE

__all__ = ["FRAMES_PER_SECOND", "TREE", "frames", "is_lost", "ledger", "trace", "window_json"]

FRAMES_PER_SECOND: Final = 30
TREE: Final = Topology.of([(STAGE, CAPTURE_HOP)])
_EVERY_SECONDS: Final = 10
"""The sick pipelines miss one trace in so many seconds: each window is suspect, and none is bad enough for a rollback."""
_MOMENTS: Final = 10
_STARTED: Final = 1_700_000_000.0
_SESSION: Final = "aaaaa"
_SPANS: Final = {CAPTURE_HOP: 4, STAGE: 2}
"""Of a frame, that each pod makes: those of the trace below."""


def frames(start: int, end: int) -> list[FrameID]:
    """The frames of a range of seconds since 1970."""
    step = 1 / FRAMES_PER_SECOND
    return [
        FrameID.build(datetime.fromtimestamp(second + number * step, UTC), CAMERA, _SESSION, 1 + number)
        for second in range(start, end)
        for number in range(FRAMES_PER_SECOND)
    ]


def is_lost(frame: FrameID) -> bool:
    """Whether a sick pipeline's Jaeger does not have this frame's trace: of some seconds the first frame's."""
    return frame.sequence == 1 and frame.time.second % _EVERY_SECONDS == 0


def ledger(now: float, hop: str, window: str) -> bytes:
    """What the pod of a hop tells, its window given as JSON."""
    return _ledger(int(now * _MOMENTS), hop).replace('"window":null', f'"window":{window}').encode()


@lru_cache(4)
def _ledger(moment: int, hop: str) -> str:
    """Made once a tenth of a second: in a cluster each pod tells its own, on a machine of its own."""
    now = moment / _MOMENTS
    made = int(now - _STARTED) * FRAMES_PER_SECOND
    spans = made * _SPANS[hop]
    return Ledger(
        pipeline="any",
        service=CAPTURE_SERVICE if hop == CAPTURE_HOP else hop,
        pod=hop,
        revision=TREE.revision,
        started=_STARTED,
        now=now,
        hops=(HopCount(camera=CAMERA, hop=hop, session=_SESSION, entered=made, last_frame=now, **_fate(hop, made)),),
        spans=SpanCount(created=spans, exported=spans, cpu_seconds=made * 1e-5),
        cpu_seconds=made * 1e-2,
        cameras=(CameraState(id=CAMERA, connected=True),) if hop == CAPTURE_HOP else (),
        broker=BrokerState(connected=True),
    ).model_dump_json()


@lru_cache(256)
def window_json(start: int, end: int, most: int, hop: str) -> str:
    """What a ledger has of a range, with at most so many frames named."""
    hashes = sorted((sample_hash(frame.encode()), frame) for frame in frames(start, end))
    below = hashes[most][0] if len(hashes) > most else None
    named = tuple(str(frame) for _, frame in hashes[:most])
    last = hop == STAGE
    said = FinishedFrames(camera=CAMERA, hop=hop, left=() if last else named, ended=named if last else (), below=below)
    buckets = tuple(_bucket(second, hop) for second in range(start, end, BUCKET_SECONDS))
    return LedgerWindow(start=start, end=end, buckets=buckets, frames=(said,) if most else ()).model_dump_json()


def _bucket(start: int, hop: str) -> LedgerBucket:
    count = FRAMES_PER_SECOND * BUCKET_SECONDS
    return LedgerBucket(
        camera=CAMERA,
        hop=hop,
        session=_SESSION,
        start=start,
        entered=count,
        traced=count,
        finished=count,
        revision=TREE.revision,
        **_fate(hop, count),
    )


def _fate(hop: str, count: int) -> dict[str, Any]:
    return {"ended": {Outcome.COMPLETED.value: count}} if hop == STAGE else {"left": count}


def trace(frame: FrameID) -> str:
    """The frame's trace, as an element of the `data` of Jaeger's answer."""
    return _TRACE.replace("FRAME_ID", frame).replace("TRACE_ID", frame.trace_id)


def _tags(**values: Any) -> list[dict[str, Any]]:
    kinds = {str: "string", bool: "bool", int: "int64", float: "float64"}
    return [
        {"key": key.replace("__", "."), "type": kinds[type(value)], "value": value} for key, value in values.items()
    ]


def _span(number: int, parent: int | None, name: str, process: str, **tags: Any) -> dict[str, Any]:
    references = [{"refType": "CHILD_OF", "traceID": "TRACE_ID", "spanID": f"{parent:016x}"}] if parent else []
    return {
        "traceID": "TRACE_ID",
        "spanID": f"{number:016x}",
        "operationName": name,
        "references": references,
        "startTime": 1_772_323_200_000_000 + 1000 * number,
        "duration": 900,
        "tags": _tags(otel__scope__name="telemetry", span__kind="internal", **tags),
        "logs": [],
        "processID": process,
        "warnings": None,
    }


def _process(service: str) -> dict[str, Any]:
    names = ("container__name", "deployment__name", "namespace__name", "node__name", "pod__name", "pod__uid")
    tags = {f"k8s__{name}": "line-0001-" + "0123456789abcdef" for name in names}
    return {"serviceName": service, "tags": _tags(**tags, telemetry__sdk__language="python", service__version="0.1.0")}


_FRAME: Final[dict[str, Any]] = {"frame__id": "FRAME_ID", "camera__id": CAMERA}
_TRACE: Final = json.dumps(
    {
        "traceID": "TRACE_ID",
        "spans": [
            _span(
                1,
                None,
                "capture_frame",
                "p1",
                **_FRAME,
                frame__sequence=17,
                frame__width=1920,
                frame__height=1080,
                frame__pts=90_000,
                frame__keyframe=False,
                pipeline__name="line-0001",
                frametrace__revision=TREE.revision,
                frametrace__sampling_ratio=1.0,
            ),
            _span(2, 1, "decode_frame", "p1"),
            _span(3, 1, "process_frame", "p1", **_FRAME, frame__size_bytes=180_000, frame__processing_ms=4.2),
            _span(4, 1, f"send {STAGE}", "p1", messaging__system="redis", messaging__operation__name="send"),
            _span(
                5,
                4,
                "process_frame",
                "p2",
                **_FRAME,
                messaging__system="redis",
                messaging__operation__name="process",
                frame__outcome=Outcome.COMPLETED.value,
                frame__ended_by="handler",
            )
            | {
                "tags": _tags(
                    span__kind="consumer",
                    **_FRAME,
                    messaging__operation__name="process",
                    frame__outcome=Outcome.COMPLETED.value,
                )
            },
            _span(6, 5, "detect", "p2", motion__boxes=3),
        ],
        "processes": {"p1": _process(CAPTURE_SERVICE), "p2": _process(STAGE)},
        "warnings": None,
    }
)
