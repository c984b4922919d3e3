"""Causes: why a frame's trace is missing, from where it is and what the pods there say they lost. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from frametrace_operator.guard.audit.examine import Fault
from frametrace_operator.guard.evidence import Cause, MissingFrame

__all__ = ["cause_of", "most_common", "pod_causes"]

_CAUSES: Final = {
    "queue_full": Cause.BUFFER_FULL,
    "refused": Cause.BACKEND_REFUSED,
    "rejected": Cause.BACKEND_REFUSED,
}
"""What pods call their losses; all else is a failed export."""


def pod_causes(dropped: Mapping[str, int]) -> Counter[Cause]:
    """What a pod lost, by our causes."""
    found: Counter[Cause] = Counter()
    for cause, spans in dropped.items():
        if spans > 0:
            found[_CAUSES.get(cause, Cause.EXPORT_FAILED)] += spans
    return found


def cause_of(fault: Fault, lost: Mapping[str, Mapping[str, int]]) -> Cause:
    """Why; `lost` has what the pods of each hop lost lately, for those hops all of whose pods are known."""
    if fault.context_lost:
        return Cause.CONTEXT_LOST
    for hop in fault.hops:
        causes = pod_causes(lost.get(hop, {}))
        if causes:
            return causes.most_common(1)[0][0]
    return Cause.LOST_ON_THE_WAY if all(hop in lost for hop in fault.hops) else Cause.NOT_FOUND


def most_common(frames: Iterable[MissingFrame]) -> tuple[str, Cause | None]:
    """The hop and the cause of most of them."""
    found = list(frames)
    if not found:
        return "", None
    hop = Counter(frame.hop for frame in found).most_common(1)[0][0]
    return hop, Counter(frame.cause for frame in found).most_common(1)[0][0]
