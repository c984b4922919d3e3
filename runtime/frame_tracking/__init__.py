"""Frame identity and journeys: the library that the runtime and the operator share. No I/O.

`FrameID` names a frame and gives its trace ID; `FrameMetadata` and `TraceContext` travel with it; `Journey` is read
back from Jaeger and `judge`d against a `Topology`; a `Ledger` is what a process counted.
"""

from frame_tracking.completeness import Completeness, judge
from frame_tracking.explain import explain, revision_of
from frame_tracking.frame_id import FrameID, InvalidFrameIDError, trace_id_of
from frame_tracking.frame_query import FrameQuery, InvalidFrameQueryError
from frame_tracking.generator import Clock, FrameIDGenerator, now
from frame_tracking.journey import InvalidTraceError, Journey, JourneySpan
from frame_tracking.journey_view import JourneyView
from frame_tracking.ledger import HopCount, Ledger, SpanCount, TracingNow, flowing_cameras
from frame_tracking.ledger_window import FinishedFrames, LedgerBucket, LedgerWindow, sample_hash
from frame_tracking.metadata import FrameMetadata, InvalidMetadataError
from frame_tracking.names import CAPTURE_HOP, CAPTURE_SERVICE, Attribute, DropReason, Metric, Outcome, SpanName
from frame_tracking.otlp_json import journeys_from_otlp, spans_from_otlp
from frame_tracking.topology import Topology
from frame_tracking.trace_context import Arrival, InvalidTraceparentError, TraceContext, TraceFlag, recover
from frame_tracking.tree import tree, walk
from frame_tracking.waterfall import Bar, Waterfall, queued_us

__all__ = [
    "CAPTURE_HOP",
    "CAPTURE_SERVICE",
    "Arrival",
    "Attribute",
    "Bar",
    "Clock",
    "Completeness",
    "DropReason",
    "FinishedFrames",
    "FrameID",
    "FrameIDGenerator",
    "FrameMetadata",
    "FrameQuery",
    "HopCount",
    "InvalidFrameIDError",
    "InvalidFrameQueryError",
    "InvalidMetadataError",
    "InvalidTraceError",
    "InvalidTraceparentError",
    "Journey",
    "JourneySpan",
    "JourneyView",
    "Ledger",
    "LedgerBucket",
    "LedgerWindow",
    "Metric",
    "Outcome",
    "SpanCount",
    "SpanName",
    "Topology",
    "TraceContext",
    "TraceFlag",
    "TracingNow",
    "Waterfall",
    "explain",
    "flowing_cameras",
    "journeys_from_otlp",
    "judge",
    "now",
    "queued_us",
    "recover",
    "revision_of",
    "sample_hash",
    "spans_from_otlp",
    "trace_id_of",
    "tree",
    "walk",
]
