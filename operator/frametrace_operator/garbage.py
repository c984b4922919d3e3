"""Garbage: how often Python looks for cycles of dead objects, and among which. Each look halts all passes."""

import gc
import time
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Outlived", "collect_seldom"]

_YOUNG: Final = 10_000
"""Containers made and not yet freed, until Python looks for cycles among them: some 20 ms. A look-up of 50 traces makes 6,000."""
_OLDER, _ALL = 4, 40
"""After so many of these looks those that outlived them are looked through; and after so many of such looks, everything."""
_MANY: Final = 100_000
"""Containers that outlived two looks, from which on they are left out of the third: a thousand pipelines are ten times as many."""
_HOUR: Final = 3600.0


class Outlived:
    """Leaves what outlived two looks out of the look through everything, but once an hour.

    A fleet's state is large and lives on; to look through it takes half a second in a fleet of a thousand pipelines. What is dead
    already, or in hand in such a moment, is left out, too: that is what the hour is for. What outlives that look is left out again
    at once. When Python looks through everything is its own affair; where little is made, that is seldom, and little dies.
    """

    def __init__(self, many: int = _MANY) -> None:
        self._many = many
        self._whole_at = time.monotonic()
        self._whole = False  # whether the look that is under way is the hour's

    def __call__(self, phase: str, info: Mapping[str, Any]) -> None:
        """Python begins or ends a look, as `gc.callbacks` has it."""
        if info["generation"] < len(gc.get_threshold()) - 1:
            return
        if phase == "stop":
            whole, self._whole = self._whole, False
            if whole:
                self._leave_out(info["generation"])
        elif time.monotonic() - self._whole_at > _HOUR:
            self._whole_at, self._whole = time.monotonic(), True
            gc.unfreeze()
        else:
            self._leave_out(info["generation"])

    def _leave_out(self, generation: int) -> None:
        if len(gc.get_objects(generation=generation)) > self._many:
            gc.freeze()


def collect_seldom() -> None:
    """Look for cycles far more seldom than Python does by itself, and not among what is there already.

    Jaeger's answers are large, have no cycles, and are gone a moment later; by itself Python would look through each of them,
    and through all that the operator knows, again and again: it took half of the time of reading them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _ALL)
    gc.callbacks.append(Outlived())
