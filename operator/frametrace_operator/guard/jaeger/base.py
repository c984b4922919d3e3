"""What the guard asks of a Jaeger. Must not know HTTP."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from frame_tracking import Journey

__all__ = ["MOST_UNREAD", "Found", "JaegerAt", "JaegerSilentError", "JaegerUnresolvedError", "Jaegers", "Taken"]

MOST_UNREAD: Final = 20
"""Traces of one question that may stay unread: each takes a dozen calls to be told from its neighbours, and some MiB of each if it is
too large. One that a Jaeger gives in another way only is not unread: after the fifth, that way is asked for all that are left."""


class JaegerSilentError(Exception):
    """No answer in time, or none that a Jaeger gives. The text is one line: what was met; without credentials."""


class JaegerUnresolvedError(JaegerSilentError):
    """Its name could not be resolved here: nothing is known of the Jaeger itself, which may be well."""


@dataclass(frozen=True, slots=True)
class JaegerAt:
    """Where a Jaeger answers.

    Attributes:
        url: of its query API, without a path of ours.
        headers: what every request carries; not shown.
        metrics_url: of its own metrics; empty if it is not this pipeline's alone.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    metrics_url: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a Jaeger took since its process started, by its own metrics.

    Attributes:
        spans: that its receivers accepted.
        written: bytes that it gave its storage on a volume to keep, before compression; None if it has no volume, or does not say yet.
        stored: bytes of the files on that volume now, as of the last minute or so; None as for `written`.
    """

    spans: int
    written: int | None = None
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a Jaeger has of the traces that it was asked for.

    Attributes:
        journeys: by trace ID.
        unread: why a trace that it has could not be read, by trace ID: one line each. None of these is among `journeys`.
    """

    journeys: Mapping[str, Journey] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def there(self) -> frozenset[str]:
        """The IDs of all traces that it has, read or not."""
        return frozenset(self.journeys) | frozenset(self.unread)


class Jaegers(Protocol):
    """Asks Jaegers."""

    async def journeys(self, at: JaegerAt, trace_ids: Collection[str]) -> Found:
        """The journeys that it has of these traces, and which of them cannot be read: too large, or in no form that it can give.

        Raises:
            JaegerSilentError: if it does not answer, or says what no Jaeger says, or if more than `MOST_UNREAD` cannot be read.
        """

    async def probe(self, at: JaegerAt) -> None:
        """Ask for something small of its storage.

        Raises:
            JaegerSilentError: as `journeys`.
        """

    async def taken(self, at: JaegerAt) -> Taken:
        """What it took since it started, by its own metrics: one request for all.

        Raises:
            JaegerSilentError: as `journeys`.
        """
