"""Garbage: how often Python looks for cycles of dead objects."""

import gc
from typing import Final

__all__ = ["collect_seldom"]

_YOUNG: Final = 50_000
"""Containers made and not yet freed, until Python looks for cycles among them. A look-up of 50 traces makes 6,000."""


def collect_seldom() -> None:
    """Look for cycles a seventieth as often as Python does by itself, and never among what is there already.

    Jaeger's answers are large, have no cycles, and are gone a moment later; by itself Python would look through each of them,
    and through all that the operator knows, again and again: it took half of the time of reading them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
