"""Tools: what a pipeline is measured with. Values only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from frametrace_operator.guard.audit.readings import Reading
from frametrace_operator.guard.jaeger.base import Jaegers
from frametrace_operator.guard.measuring.clock import Clock
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.pods.base import Asked

__all__ = ["Tools"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a pipeline is measured with.

    Attributes:
        read: reads the ledgers of some pods, with a range if one is asked for.
        whole: frames up to which a suspect pipeline is looked at whole.
        share: look-ups that the pipeline may make of a window of so many frames, if it is suspect or not.
        take: takes them out of the budget that all have together; how many they are now.
        probed: how its Jaeger answered lately.
        changed: is called when a window was looked up, or Jaeger's state is another.
        first_start: where the first window begins, in seconds since 1970, given the captures' time and a window's length.
        stagger: how many seconds after its end its windows are read, so that not all pipelines' are at once.
    """

    jaegers: Jaegers
    clock: Clock
    read: Callable[[Watched, Asked | None], Awaitable[Reading]]
    whole: int
    share: Callable[[int, bool], int]
    take: Callable[[int, bool], int]
    probed: Callable[[], Probed]
    changed: Callable[[], None]
    first_start: Callable[[float, int], int]
    stagger: Callable[[Watched], float]
