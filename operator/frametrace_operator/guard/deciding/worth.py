"""Worth: whether what was measured last is worth a pass. A thousand healthy pipelines need none for each of their windows."""

from collections.abc import Hashable
from dataclasses import dataclass
from math import frexp
from typing import Generic, TypeVar

from frametrace_api.guard import Guard
from frametrace_api.status_tracing import GuardState, LastAudit, TracingStatus

from frametrace_operator.guard.deciding.judge import judge
from frametrace_operator.guard.deciding.telling import says_else
from frametrace_operator.guard.evidence import Evidence

__all__ = ["Worth", "digest"]

K = TypeVar("K", bound=Hashable)
Digest = tuple[object, ...]
_WELL = (0, 0, "")
_STEPS_A_DOUBLING = 4
"""Bytes that grow by less than a fifth are the same ones."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last pass knew: the limits, whether all was well, the evidence in coarse values, and which audit it told of."""

    guard: Guard
    calm: bool
    digest: Digest
    audit: LastAudit | None


class Worth(Generic[K]):
    """Remembers what each pipeline's last pass knew."""

    def __init__(self) -> None:
        self._told: dict[K, _Told] = {}

    def tell(self, key: K, guard: Guard, status: TracingStatus, evidence: Evidence) -> None:
        """A pass knew this, and decided so."""
        self._told[key] = _Told(guard, status.state is GuardState.HEALTHY, digest(evidence, guard), status.last_audit)

    def is_news(self, key: K, evidence: Evidence) -> bool:
        """Whether a pass that knows this could decide or say anything else than the last one did."""
        told = self._told.get(key)
        if told is None or not told.calm or digest(evidence, told.guard) != told.digest:
            return True
        return told.audit is not None and says_else(evidence, told.audit)

    def forget(self, key: K) -> None:
        """The pipeline is gone."""
        self._told.pop(key, None)


def digest(evidence: Evidence, guard: Guard) -> Digest:
    """All that decides, or is told, in coarse values. Before the first window is looked up, what is well waits for that."""
    last = evidence.audits[-1] if evidence.audits else None
    judged = [
        (one.trigger, one.bad, one.certain, one.doubtful, last is not None and bool(one.clean))
        for one in judge(evidence, guard, None, None)
    ]
    audit = (last.result, bool(last.missing), bool(last.evicted), last.cause, last.hop) if last is not None else ()
    backend = evidence.backends[-1] if evidence.backends else None
    health = (backend.failed_probes, backend.restarts, backend.excuse) if backend is not None else _WELL
    bytes_a_day = evidence.projection.bytes_per_day if evidence.projection is not None and last is not None else 0.0
    sizes = _coarse(bytes_a_day), _coarse(evidence.bytes_per_span or 0)
    return (*judged, audit, health, bool(evidence.dropped), *sizes)


def _coarse(number: float) -> int:
    return frexp(number**_STEPS_A_DOUBLING)[1]
