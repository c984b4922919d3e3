"""What of a pipeline is traced, where to, how long it is kept and what it may cost. Must not know how spans are made."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api.backend import TracingBackend
from frametrace_api.base import ApiModel
from frametrace_api.guard import Guard
from frametrace_api.numbers import Between
from frametrace_api.rules import Rule
from frametrace_api.scalars import ByteQuantity, Ratio
from frametrace_api.structural import RESOLVED_KEY

__all__ = ["Budget", "BudgetAction", "Keep", "Sampling", "TraceRetention", "Tracing", "TracingMode"]


class TracingMode(StrEnum):
    """Whether frames are traced."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class Keep(StrEnum):
    """Whether frames that sampling left out are kept after all."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class BudgetAction(StrEnum):
    """What happens when the budget is passed."""

    WARN = "Warn"
    REDUCE_SAMPLING = "ReduceSampling"


class Sampling(ApiModel):
    """Which frames are traced."""

    ratio: Ratio = "1"
    """Share of frames that is traced, from "0" to "1"; decided once, at capture. A change takes effect without a restart. Default: "1"."""
    keep_errors: Keep = Keep.ENABLED
    """Enabled: a frame that sampling left out and that fails is traced from the hop where it failed. Default: Enabled."""
    keep_slower_than_milliseconds: Annotated[int, Between(1, 3_600_000)] | None = None
    """A frame that sampling left out and whose handling at a hop takes longer is traced from that hop on. Left out: slow frames are not kept."""


class TraceRetention(ApiModel):
    """How long traces are kept."""

    trace_seconds: Annotated[int, Between(60, 31_536_000)] = 3600
    """Seconds that a managed Jaeger keeps a trace, as far as its storage is large enough. Without effect on an external one. Default: 3600."""


class Budget(ApiModel):
    """What traces may cost."""

    bytes_per_day: ByteQuantity = "10G"
    """Bytes of traces a day, projected from what is exported, above which action is taken. A camera at 30 frames a second and ratio "1" makes about 16G. Default: 10G."""
    action: BudgetAction = BudgetAction.WARN
    """Warn: condition, Event and alert. ReduceSampling: the ratio is lowered as well until it fits, and raised again later. Default: Warn."""


class Tracing(ApiModel):
    """Tracing of the pipeline."""

    mode: TracingMode = TracingMode.ENABLED
    """Enabled, or Disabled: frames keep their IDs and are captured and handled as ever, without traces; a managed Jaeger does not run, and its traces are lost if it keeps them in Memory, and stay on its volume if in Badger. Default: Enabled."""
    backend: Annotated[TracingBackend, Field(json_schema_extra={RESOLVED_KEY: "resolved"})] = TracingBackend()
    """Where traces go: managed or external. Left out: a Jaeger that the operator runs, in memory."""
    sampling: Sampling = Sampling()
    """Which frames are traced."""
    retention: TraceRetention = TraceRetention()
    """How long traces are kept."""
    budget: Budget = Budget()
    """What traces may cost."""
    guard: Guard = Guard()
    """What is measured, when tracing is rolled back and how it comes back."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel=(  # the server tries its own default, an empty object, before it has filled it in
                "(has(self.backend) && has(self.backend.external)) || !has(self.retention) || !has(self.guard) || "
                "self.retention.traceSeconds >= self.guard.windowSeconds + self.guard.settleSeconds"
            ),
            message="traces that go before the guard has looked for them would all count as missing; set retention.traceSeconds to at least guard.windowSeconds + guard.settleSeconds",
            holds=lambda tracing: (
                tracing.backend.external is not None
                or tracing.retention.trace_seconds >= tracing.guard.window_seconds + tracing.guard.settle_seconds
            ),
            field_path=".retention",
        ),
    )
