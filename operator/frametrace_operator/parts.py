"""Parts: what a pass goes through, put together. Each keeps its own memory by pipeline; this module must not know what they do."""

from dataclasses import dataclass, field

from frametrace_operator.act import Actor
from frametrace_operator.guarding import Guarding
from frametrace_operator.keys import PipelineKey
from frametrace_operator.observe import Observer
from frametrace_operator.renderings import Renderings
from frametrace_operator.report import Reporter
from frametrace_operator.retries import Retries
from frametrace_operator.rewrites import Rewrites

__all__ = ["Parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What looks, decides on tracing, renders, writes and reports, and what remembers how that went."""

    observer: Observer
    actor: Actor
    reporter: Reporter
    rewrites: Rewrites
    guard: Guarding
    renderings: Renderings = field(default_factory=Renderings)
    retries: Retries = field(default_factory=Retries)

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self.reporter.forget(key)
        self.rewrites.forget(key)
        self.renderings.forget(key)
        self.retries.forget(key)
        self.guard.forget(key)
