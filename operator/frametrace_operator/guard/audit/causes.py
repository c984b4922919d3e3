"""Causes: why a frame's trace is missing, from where it is and what the pods there say they lost. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from frametrace_operator.guard.audit.examine import Fault
from frametrace_operator.guard.audit.readings import Place
from frametrace_operator.guard.evidence import Cause, MissingFrame

__all__ = ["Losses", "most_common", "pod_causes"]

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


class Losses:
    """What the pods say they lost. It explains no more frames than spans: what is beyond got lost where nobody counts.

    Args:
        lost: spans by the ledgers' causes, by place, where the processes are the same all the time.
    """

    def __init__(self, lost: Mapping[Place, Mapping[str, int]]) -> None:
        self._left = {place: pod_causes(dropped) for place, dropped in lost.items()}

    def cause_of(self, fault: Fault, camera: str) -> Cause:
        """Why a frame of that camera is missing; a span that explains it explains no other."""
        if fault.context_lost:
            return Cause.CONTEXT_LOST
        known = [[left for place, left in self._left.items() if place.has(hop, camera)] for hop in fault.hops]
        for left in (left for lefts in known for left in lefts):
            if left.total() > 0:
                cause = left.most_common(1)[0][0]
                left[cause] -= 1
                return cause
        return Cause.LOST_ON_THE_WAY if all(known) else Cause.NOT_FOUND


def most_common(frames: Iterable[MissingFrame]) -> tuple[str, Cause | None]:
    """The hop and the cause of most of them."""
    found = list(frames)
    if not found:
        return "", None
    hop = Counter(frame.hop for frame in found).most_common(1)[0][0]
    return hop, Counter(frame.cause for frame in found).most_common(1)[0][0]
