"""Watched: what the measuring is told of a pipeline, with each pass. A value only."""

from dataclasses import dataclass

from frame_tracking import Topology
from frame_tracking.ledger_window import BUCKET_SECONDS

from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.pods.base import Target

__all__ = ["Watched"]


@dataclass(frozen=True, slots=True)
class Watched:
    """A pipeline. Where tracing is out, its Jaeger is probed, and the windows say that nothing was traced.

    Attributes:
        targets: the running pods of captures and stages.
        topology: the stages as they are.
        cameras: of the spec, whose frames are believed; empty for any.
        window_seconds: is rounded up to whole buckets of the ledgers, five seconds.
        failure_windows: how many bad windows in a row are wanted of the evidence.
        limit: how much may be missing, in percent.
        ratio: share of frames that is traced now.
        suspect: whether it is to be looked at whole, whatever was found.
        max_traces: that Jaeger's memory holds; None if they are not in its memory, or it is not known.
        trace_seconds: how long Jaeger keeps a trace.
        restarts: of Jaeger, in the last five minutes.
        life: what Jaeger's process is known by: another one has lost what its memory had; empty where nobody can know.
        since: when tracing came to be as it is, in seconds since 1970: no window from before is pooled with later ones.
        excuse: what made Jaeger sick that is not its own doing; empty if nothing.
        on_volume: whether a managed Jaeger keeps the traces on a volume.
        bytes_per_span: that this volume takes, as the status has it; None if it was not measured.
    """

    targets: frozenset[Target]
    topology: Topology
    jaeger: JaegerAt
    cameras: frozenset[str] = frozenset()
    window_seconds: int = 30
    settle_seconds: int = 10
    failure_windows: int = 2
    limit: float = 1.0
    ratio: float = 1.0
    suspect: bool = False
    max_traces: int | None = None
    trace_seconds: int = 3600
    restarts: int = 0
    life: str = ""
    since: float = 0.0
    excuse: str = ""
    on_volume: bool = False
    bytes_per_span: int | None = None

    @property
    def length(self) -> int:
        """A window's length in seconds."""
        return -(-self.window_seconds // BUCKET_SECONDS) * BUCKET_SECONDS
