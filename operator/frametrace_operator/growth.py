"""Growth: by how much a process's counts grew from one of its ledgers to the next. Pure.

Compared session by session: a camera's oldest session leaves the ledger when a new one comes, and the sum of them falls.
"""

from typing import Final

from frame_tracking import Ledger

from frametrace_operator.pace import well_ended

__all__ = ["What", "growth"]

What = tuple[str, str, str]
"""A count that can grow: kind, hop and camera."""

_Counts = dict[tuple[str, str, str, str], tuple[int, float]]
"""By kind, hop, camera and session, each with when its frames were last seen (0: not known)."""

_NONE: Final = (0, 0.0)


def growth(before: Ledger | None, after: Ledger) -> dict[What, tuple[int, float]]:
    """Return all counts that there are, each with what came since `before` (None: ever), and when its frames were last seen."""
    was = _counts(before) if before is not None else {}
    grown: dict[What, tuple[int, float]] = {}
    for (kind, hop, camera, session), (count, seen) in _counts(after).items():
        more = max(0, count - was.get((kind, hop, camera, session), _NONE)[0])
        total, last = grown.get((kind, hop, camera), _NONE)
        grown[kind, hop, camera] = (total + more, max(last, seen))
    return grown


def _counts(ledger: Ledger) -> _Counts:
    counts: _Counts = {}
    for hop in ledger.hops:
        well = well_ended(hop)
        failed = sum(hop.ended.values()) - well
        spoilt = failed - hop.ended_waiting  # in the stage's hands: what ended in its queue is no fault of its handler
        kinds = {
            "entered": hop.entered,
            "passed": hop.left + well,
            "finished": well,
            "failed": failed,
            "spoilt": spoilt,
        }
        for kind, count in kinds.items():
            key = (kind, hop.hop, hop.camera, hop.session)
            total, seen = counts.get(key, _NONE)
            counts[key] = (total + count, max(seen, hop.last_frame))
    counts["created", "", "", ""] = (ledger.spans.created, 0.0)
    counts["exported", "", "", ""] = (ledger.spans.exported, 0.0)
    return counts | {("dropped", "", cause, ""): (count, 0.0) for cause, count in ledger.spans.dropped.items()}
