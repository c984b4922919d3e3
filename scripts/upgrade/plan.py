"""How much an upgrade is watched: by a test, which has little time, or by a proof, which has the time that the guard takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["IN_A_TEST", "Plan", "in_a_proof"]

_LEAST_TO_SPARE = 3.0
_BUCKET = 5
_LOOKS = 17.0
"""Seconds by which windows of a fleet are read late, and that two looks take."""
#: As the resource has them by default.
_WINDOW, _SETTLE = 30, 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What runs, and for how long it is watched after each change.

    Attributes:
        pipelines: how many; one alone has a Redis and a Jaeger of its own, several share theirs.
        rolled_back: whether the tracing of one is taken out by a person before.
        with_runtime: whether in the end both the operator and the runtime become this checkout's.
        guard: the pipelines' `tracing.guard`; empty for its defaults.
    """

    pipelines: int
    rolled_back: bool = False
    with_runtime: bool = False
    guard: Mapping[str, int] | None = None

    @property
    def hold_seconds(self) -> float:
        """As long as a false alarm takes: two windows, of which a new operator begins the first up to one late, settling and looks."""
        guard = self.guard or {}
        window, settle = guard.get("windowSeconds", _WINDOW), guard.get("settleSeconds", _SETTLE)
        late = window + _LOOKS if window > _BUCKET else 0  # windows of one bucket begin with the next one
        return 2 * window + settle + late + _LEAST_TO_SPARE


#: Short windows, so that two of them fit into a test.
IN_A_TEST = Plan(1, guard={"windowSeconds": 5, "settleSeconds": 2})


def in_a_proof(pipelines: int) -> Plan:
    """Return the plan of the proof: the guard's own windows, one pipeline rolled back, and the new runtime in the end."""
    return Plan(pipelines, rolled_back=True, with_runtime=True)
