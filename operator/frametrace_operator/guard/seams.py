"""Seams: what a pass needs of the guard's parts that run beside the passes. Protocols only; those parts know nothing of a pass."""

from typing import Protocol

from frametrace_api.status_tracing import PurgeState

from frametrace_operator.guard.acting.purger import PurgeCall
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.keys import PipelineKey

__all__ = ["Measures", "Purges"]


class Measures(Protocol):
    """Measures pipelines beside the passes (see `guard.measuring.watch`)."""

    def follow(self, key: PipelineKey, watched: Watched) -> Evidence:
        """Measure a pipeline from now on, as it is now; what is known of it."""
        ...

    def forget(self, key: PipelineKey) -> None:
        """Measure it no more."""
        ...

    def evidence(self, key: PipelineKey) -> Evidence:
        """What is known of it."""
        ...


class Purges(Protocol):
    """Has owners' webhooks called (see `guard.acting.purger`)."""

    def ask(self, key: PipelineKey, wanted: PurgeCall) -> PurgeState:
        """Have one called; how it stands."""
        ...

    def forget(self, key: PipelineKey) -> None:
        """None is to be called for that pipeline any more."""
        ...
