"""Counting: whether a Jaeger that is one pipeline's alone took all the spans that the pods say it took. Pure.

What Jaeger took beyond what pods sent wavers, as the two are not read at one moment; it falls lower and lower only if
spans get lost between.
"""

from dataclasses import dataclass, field

from frametrace_operator.guard.audit.readings import Life, Reading, lives

__all__ = ["Sent", "SpanBalance"]


@dataclass(slots=True)
class Sent:
    """What pods sent since each told last: who is silent for a while is counted once it tells again."""

    _told: dict[Life, int] = field(default_factory=dict)

    def since(self, reading: Reading) -> tuple[int, bool]:
        """Spans that were sent since the readings before, by newcomers all that they ever sent; and whether a process is gone."""
        told = {life: reading.ledgers[life[1][0]].spans.exported for life in lives(reading)}
        sent = sum(max(0, exported - self._told.get(life, 0)) for life, exported in told.items())
        away = {life: exported for life, exported in self._told.items() if life not in told}
        alive = {life[1][0] for life in told}
        silent = {life: last for life, last in away.items() if life[0] in reading.silent and life[1][0] not in alive}
        self._told = silent | told
        return sent, len(silent) < len(away)


@dataclass(slots=True)
class SpanBalance:
    """What Jaeger took beyond what the pods sent, since the first look."""

    _accepted: int | None = None
    _spare: int = 0
    _least: int = 0
    _fallen: int = 0

    def add(self, exported: int, accepted: int | None, *, gone: bool = False) -> bool:
        """Take the next look; True if spans are missing.

        Args:
            exported: spans that were sent since the last look, as `Sent` counts them.
            accepted: spans that Jaeger took since its start, as it said after the pods told theirs; None if it did not say.
            gone: whether processes went: what those sent at last is not in `exported`, and would hide as many that get lost later.
        """
        if accepted is None or self._accepted is None or accepted < self._accepted or gone:
            self._accepted, self._spare, self._least, self._fallen = accepted, 0, 0, 0  # one began anew: so do we
            return False
        self._spare += accepted - self._accepted - exported
        self._accepted = accepted
        self._fallen = self._fallen + 1 if self._spare < self._least else 0
        self._least = min(self._least, self._spare)
        return self._fallen > 1
