"""Turns: whose pods are read in a pass, so that reading a large fleet costs no more than a bounded part of a core. Pure."""

from collections.abc import Callable, Hashable, Mapping
from typing import Final, Generic, TypeVar

__all__ = ["Turns"]

K = TypeVar("K", bound=Hashable)

_A_SECOND: Final = 100.0
"""Pods of steady pipelines that are read in a second: at about half a millisecond each, a twentieth of a core."""
_AT_LEAST: Final = 300
"""Pods that are read in any pass: a fleet of so many is read whole each time."""
_LONGEST_GAP: Final = 30.0
"""Seconds after which each pod is read, however many there are."""


class Turns(Generic[K]):
    """Pipelines take turns: the restless ones each time, the others as there is room, the longest unread first.

    Attributes:
        gap: seconds that a steady pipeline waits for its turn; 0 as long as there is room for all.
    """

    def __init__(self) -> None:
        self.gap = 0.0
        self._read_at: dict[K, float] = {}
        self._chosen_at: float | None = None

    def choose(self, pods: Mapping[K, int], restless: Callable[[K], bool], now: float) -> list[K]:
        """Return whose turn it is, given how many pods each pipeline has, and the time in seconds."""
        eager = [key for key in pods if restless(key)]
        steady = sorted(pods.keys() - set(eager), key=lambda key: self._read_at.get(key, float("-inf")))
        many = sum(pods[key] for key in steady)
        rate = max(_A_SECOND, many / _LONGEST_GAP)
        room = many if self._chosen_at is None else max(_AT_LEAST, rate * (now - self._chosen_at))
        self.gap = 0.0 if many <= room else many / rate
        chosen = eager
        for key in steady:
            if room <= 0:
                break
            chosen.append(key)
            room -= pods[key]
        self._chosen_at = now
        self._read_at = {key: self._read_at[key] for key in pods if key in self._read_at} | dict.fromkeys(chosen, now)
        return chosen
