"""OpenTelemetry set-up, the frame tracer, live control, metrics, ledger and logs of the processes of a pipeline.

`set_up_tracing` gives the tracer that opens hops; `LiveWatcher` feeds it; `LedgerBook` and `RuntimeMetrics` count.
"""

from telemetry.attributes import Service
from telemetry.current import CurrentHop, current_hop
from telemetry.ledger import LedgerBook
from telemetry.live import LiveFile, LiveWatcher
from telemetry.logs import set_up_logs
from telemetry.memory import MemoryTracer, SpanStore
from telemetry.metrics import OPENMETRICS, RuntimeMetrics
from telemetry.process_cpu import process_cpu_seconds
from telemetry.redaction import describe, hide, redact
from telemetry.sampling import Sampling
from telemetry.setup import is_disabled, set_up_tracing
from telemetry.sink import Answer, MemorySink, Receipt, SpanSink
from telemetry.switch import SwitchableTracer
from telemetry.tracer import Attributes, AttributeValue, FrameTracer, HopTrace
from telemetry.untraced import UntracedTracer

__all__ = [
    "OPENMETRICS",
    "Answer",
    "AttributeValue",
    "Attributes",
    "CurrentHop",
    "FrameTracer",
    "HopTrace",
    "LedgerBook",
    "LiveFile",
    "LiveWatcher",
    "MemorySink",
    "MemoryTracer",
    "Receipt",
    "RuntimeMetrics",
    "Sampling",
    "Service",
    "SpanSink",
    "SpanStore",
    "SwitchableTracer",
    "UntracedTracer",
    "current_hop",
    "describe",
    "hide",
    "is_disabled",
    "process_cpu_seconds",
    "redact",
    "set_up_logs",
    "set_up_tracing",
]
