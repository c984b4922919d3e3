"""Survey: what all ledgers of a pipeline together say about a window of the frames' own time. Pure.

A frame is over when each of its branches has ended; what has not is in flight, and a backlog is nothing missing.
Ledgers come from pods, which may say anything: a name that is no frame of the window is not believed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from frame_tracking import CAPTURE_HOP, FrameID, InvalidFrameIDError, Ledger, LedgerWindow, Topology, sample_hash

__all__ = ["Survey", "survey"]

_ALL: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Survey:
    """A window as the ledgers see it.

    Attributes:
        traced: frames that capture traced, and `finished` those that it is done with.
        over: frames whose every branch has ended, those with the smallest hashes first: all of them, or a sample.
            As texts: a thousand pipelines' windows wait to settle at a time, and a FrameID takes four times as much memory.
        in_flight: of the same sample, frames that have a branch which has not ended.
        whole: whether `over` and `in_flight` are no sample.
        topology: the stages that held; None if they changed, or are not known.
        off: hops at which tracing was switched off meanwhile.
        by_camera: what capture is done with, by camera.
        problem: why nothing can be said; empty if something can.
    """

    start: int
    end: int
    traced: int = 0
    finished: int = 0
    over: tuple[str, ...] = ()
    in_flight: tuple[str, ...] = ()
    whole: bool = True
    topology: Topology | None = None
    off: frozenset[str] = frozenset()
    by_camera: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""

    @property
    def expected(self) -> int:
        """Frames that are over: counted, or estimated from the sample."""
        seen = len(self.over) + len(self.in_flight)
        if self.whole or not seen:
            return len(self.over)
        return max(len(self.over), (self.finished * len(self.over) + seen // 2) // seen)

    @property
    def waiting(self) -> float:
        """Share of the frames that is in flight, from 0 to 1."""
        seen = len(self.over) + len(self.in_flight)
        return len(self.in_flight) / seen if seen else 0.0


@dataclass(slots=True)
class _Hop:
    left: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)


_NOTHING: Final = _Hop()


def survey(
    ledgers: Iterable[Ledger],
    span: tuple[int, int],
    topologies: Mapping[str, Topology],
    newest: float | None = None,
) -> Survey:
    """Merge what the ledgers of all of a pipeline's pods say.

    Args:
        ledgers: each with the window `span`; one without is passed over.
        span: start and end, in seconds since 1970.
        topologies: the trees of stages that are known, by their revision.
        newest: what the capture whose clock is the most ahead takes for now, in seconds since 1970; None if there is none.
    """
    windows = [ledger.window for ledger in ledgers if ledger.window is not None]
    start, end = span
    captured = [bucket for window in windows for bucket in window.buckets if bucket.hop == CAPTURE_HOP]
    by_camera: dict[str, int] = {}
    for bucket in captured:
        by_camera[bucket.camera] = by_camera.get(bucket.camera, 0) + bucket.finished
    off = frozenset(bucket.hop for window in windows for bucket in window.buckets if bucket.off)
    traced, finished = sum(bucket.traced for bucket in captured), sum(by_camera.values())
    seen = Survey(start, end, traced, finished, off=off, by_camera=by_camera)
    if any(_has_forgotten(window, start, newest) for window in windows):
        return replace(seen, problem="a pod has forgotten frames of this window: there were too many")
    revisions = {bucket.revision for bucket in captured}
    topology = topologies.get(revisions.pop()) if len(revisions) == 1 else None
    if captured and topology is None:
        return replace(seen, problem="the stages changed in this window")
    below = min((named.below for window in windows for named in window.frames if named.below is not None), default=_ALL)
    over, in_flight = _sorted_out(_merged(windows, below), topology or Topology())
    return replace(seen, over=over, in_flight=in_flight, whole=below == _ALL, topology=topology)


def _has_forgotten(window: LedgerWindow, start: int, newest: float | None) -> bool:
    """Whether a process has forgotten frames of a window that begins then.

    It tells the latest that any of its sessions has forgotten, which is older than that session's frames. What no capture has
    reached yet is of a session whose clock was ahead; a corrected clock began another one, and this window is of that.
    """
    return window.forgotten > start and (newest is None or window.forgotten <= newest)


def _merged(windows: Iterable[LedgerWindow], below: int) -> dict[str, _Hop]:
    """The sample that all hops have, by hop."""
    hops: dict[str, _Hop] = {}
    for window in windows:
        for named in window.frames:
            hop = hops.setdefault(named.hop, _Hop())
            own = _ALL if named.below is None else named.below
            hop.left |= _sampled(named.left, own, below)
            hop.ended |= _sampled(named.ended, own, below)
    return hops


def _sampled(texts: Iterable[str], own: int, below: int) -> set[str]:
    """Those of the common sample; `own` is the speaker's, which may be larger."""
    if own == below:
        return set(texts)
    return {text for text in texts if sample_hash(text.encode("utf-8", "replace")) < below}


def _sorted_out(hops: Mapping[str, _Hop], topology: Topology) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, ended = hops.get(CAPTURE_HOP, _NOTHING), _ended(hops, topology, CAPTURE_HOP)
    over: list[tuple[int, str]] = []
    in_flight: list[str] = []
    for text in first.left | first.ended:
        try:
            FrameID(text)
        except InvalidFrameIDError:
            continue
        if text in ended:
            over.append((sample_hash(text.encode()), text))
        else:
            in_flight.append(text)
    return tuple(text for _, text in sorted(over)), tuple(in_flight)


def _ended(hops: Mapping[str, _Hop], topology: Topology, hop: str) -> set[str]:
    """Frames whose every branch from a hop on has ended; whole sets at a time, as there are many frames and few hops."""
    here, children = hops.get(hop, _NOTHING), topology.children(hop)
    if not children:
        return here.ended
    return here.ended | here.left.intersection(*(_ended(hops, topology, child) for child in children))
