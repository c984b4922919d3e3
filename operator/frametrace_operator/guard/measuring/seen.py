"""Seen: what is known of a window before its frames are looked up, and with what they are. Values only."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from frame_tracking import FrameID, Topology

from frametrace_operator.guard.audit.readings import Reading
from frametrace_operator.guard.audit.survey import Survey
from frametrace_operator.guard.jaeger.base import Jaegers
from frametrace_operator.guard.measuring.clock import Clock
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.turnover import Turnover
from frametrace_operator.guard.measuring.watched import Watched

__all__ = ["LookTools", "Seen"]


@dataclass(frozen=True, slots=True)
class LookTools:
    """What looks are made with.

    Attributes:
        read: reads the plain ledgers of the pipeline's pods.
        recent: frames that ended a moment before a time of the captures' clocks, or a sample of them.
        probed: how the pipeline's Jaeger answered lately.
        turnovers: what was found of Jaeger's room, by the starts of windows: what one look finds the next ones need not.
        begun_at: when Jaeger's process was found to be another one, by the steady clock.
    """

    jaegers: Jaegers
    clock: Clock
    read: Callable[[], Awaitable[Reading]]
    probed: Callable[[], Probed]
    begun_at: Callable[[], float]
    recent: Callable[[float], Awaitable[Sequence[FrameID]]]
    turnovers: dict[int, Turnover]


@dataclass(frozen=True, slots=True)
class Seen:
    """One window at the first step.

    Attributes:
        before: the reading of the window before.
        first: the reading of this one.
        chosen: the frames that are looked up.
        known: the trees of stages that are known, by revision.
        witness: a frame that Jaeger had whole lately; None if there is none.
        lost: whether Jaeger was found without its traces after the window had begun.
        blind: whether this is the first look at a Jaeger of whose process nothing is known: if it was restarted meanwhile, nobody saw it.
    """

    watched: Watched
    survey: Survey
    before: Reading
    first: Reading
    chosen: Sequence[FrameID]
    known: Mapping[str, Topology]
    witness: FrameID | None = None
    lost: bool = False
    blind: bool = False
