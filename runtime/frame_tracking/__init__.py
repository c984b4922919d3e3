"""Frame identity and journeys: the library that the runtime and the operator share. No I/O.

`FrameID` names a frame and gives its trace ID; `FrameMetadata` and `TraceContext` travel with it; `Journey` is read
back from Jaeger and `judge`d against a `Topology`; a `Ledger` is what a process counted.
"""

from frame_tracking.completeness import Completeness, judge
from frame_tracking.frame_id import FrameID, InvalidFrameIDError, trace_id_of
from frame_tracking.generator import Clock, FrameIDGenerator, now
from frame_tracking.journey import InvalidTraceError, Journey, JourneySpan
from frame_tracking.ledger import HopCount, Ledger, SpanCount, flowing_cameras
from frame_tracking.metadata import FrameMetadata, InvalidMetadataError
from frame_tracking.names import CAPTURE_HOP, CAPTURE_SERVICE, Attribute, DropReason, Metric, Outcome, SpanName
from frame_tracking.topology import Topology
from frame_tracking.trace_context import Arrival, InvalidTraceparentError, TraceContext, TraceFlag, recover
from frame_tracking.tree import tree

__all__ = [
    "CAPTURE_HOP",
    "CAPTURE_SERVICE",
    "Arrival",
    "Attribute",
    "Clock",
    "Completeness",
    "DropReason",
    "FrameID",
    "FrameIDGenerator",
    "FrameMetadata",
    "HopCount",
    "InvalidFrameIDError",
    "InvalidMetadataError",
    "InvalidTraceError",
    "InvalidTraceparentError",
    "Journey",
    "JourneySpan",
    "Ledger",
    "Metric",
    "Outcome",
    "SpanCount",
    "SpanName",
    "Topology",
    "TraceContext",
    "TraceFlag",
    "flowing_cameras",
    "judge",
    "now",
    "recover",
    "trace_id_of",
    "tree",
]
