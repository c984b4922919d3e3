"""The ledger: what a process counted of every camera's frames at its hop, as `/ledger` answers it.

The operator reads it from every pod and compares. Pure: the models and the arithmetic; who counts passes the times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from frame_tracking.ledger_window import Count, LedgerWindow

__all__ = ["BrokerState", "CameraState", "HopCount", "Ledger", "SpanCount", "TracingNow", "flowing_cameras"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TracingNow(StrEnum):
    """Whether a process traces, as it does now, not as it is told to."""

    ON = "On"
    OFF = "Off"
    """The live switch turned it off."""
    DISABLED = "Disabled"
    """The process was started with `OTEL_SDK_DISABLED=true`: nothing of tracing is loaded, and nothing turns it on."""


class HopCount(_Model):
    """Cumulative counts of one camera's session at one hop.

    Law: `entered = left + ended - ended waiting + given back + in flight`, where a frame that goes on to several stages has left once.
    Over the replicas of a stage, `entered - given_back` is how many different frames came.
    """

    camera: str
    hop: str
    session: str
    entered: int = Field(0, ge=0, description="Frames that reached this hop: captured, or first received.")
    left: int = Field(0, ge=0, description="Frames handed on to the next queue.")
    ended: dict[str, int] = Field(
        default_factory=dict, description="Frames that ended here, by `outcome` or `outcome:reason`."
    )
    given_back: int = Field(
        0,
        ge=0,
        description="Entered frames that are not this process's any more: given back to the broker to be tried again, or "
        "finished by another replica. One that comes back to the process is taken off again.",
    )
    ended_waiting: int = Field(
        0, ge=0, description="Of `ended`, frames that ended in this hop's queue and never entered."
    )
    duplicates: int = Field(0, ge=0, description="Second executions after a redelivery.")
    traced: int = Field(0, ge=0, description="Entered frames whose context was sampled.")
    context_lost: int = Field(0, ge=0, description="Frames that arrived without a usable context.")
    last_sequence: int = Field(0, ge=0, description="Highest sequence number seen.")
    last_frame: float = Field(0.0, ge=0, description="Seconds since 1970 when a frame last left or ended here.")


class SpanCount(_Model):
    """What the process's tracer did with its spans."""

    created: Count = 0
    exported: Count = 0
    dropped: dict[str, Count] = Field(default_factory=dict, description="Spans lost, by cause.")
    late: Count = Field(0, description="Spans that ended after those of their hop had left; they went alone.")
    partial: Count = Field(0, description="Frames kept from this process on, though head sampling left them out.")
    cpu_seconds: float = Field(0.0, ge=0, le=1e12, description="CPU time that tracing took in this process, estimated.")

    @classmethod
    def total(cls, counts: Iterable[Self]) -> Self:
        """Return the sum of several tracers' counts, field by field: one that is added to this model is in it, too."""
        each = [dict(count) for count in counts]
        return cls(**{name: _sum([fields[name] for fields in each]) for name in cls.model_fields}) if each else cls()


class CameraState(_Model):
    """How a capture process stands with its camera."""

    id: str
    connected: bool = Field(description="Whether pictures arrive.")
    reason: str = Field(
        "",
        description="Why not, in one word of the resource's status: Starting, Unreachable, Unauthorized, AddressDenied, "
        "Redirected, NoStream, Frozen; empty while connected.",
    )
    message: str = Field("", description="Why not, in one line for people, without credentials; empty while connected.")
    since: float = Field(0.0, ge=0, description="Seconds since 1970 when `connected` last changed.")


class BrokerState(_Model):
    """How a process stands with its broker."""

    connected: bool
    reason: str = Field(
        "",
        description="Why not, in one word of the resource's status: Starting, Unreachable, Unauthorized, Full; "
        "empty while connected.",
    )
    message: str = Field("", description="Why not, in one line for people, without credentials; empty while connected.")
    since: float = Field(0.0, ge=0, description="Seconds since 1970 when `connected` last changed.")


class Ledger(_Model):
    """One process's ledger."""

    version: int = 1
    pipeline: str
    service: str
    pod: str
    revision: str
    started: float = Field(description="Seconds since 1970.")
    now: float = Field(0.0, ge=0, description="Seconds since 1970, by the clock that the process's frame IDs follow.")
    hops: tuple[HopCount, ...] = ()
    spans: SpanCount = SpanCount()
    cpu_seconds: float = Field(
        0.0, ge=0, le=1e12, description="CPU time of the process and its children, tracing's included."
    )
    cameras: tuple[CameraState, ...] = Field((), description="A capture process's camera; empty in a stage.")
    broker: BrokerState | None = Field(None, description="None until the process first tried to reach it.")
    tracing: TracingNow | None = Field(None, description="None from a runtime that does not tell.")
    waiting: dict[str, int] | None = Field(
        None, description="Frames that a stage has not finished, by camera, as the broker counted them lately."
    )
    window: LedgerWindow | None = Field(None, description="The range that was asked for; left out if none was.")


def _sum(values: list[Any]) -> Any:
    if not isinstance(values[0], dict):
        return sum(values)
    found: Counter[str] = Counter()
    for value in values:
        found.update(value)
    return dict(found)


def flowing_cameras(ledgers: Iterable[Ledger], hops: Iterable[str], *, since: float) -> dict[str, frozenset[str]]:
    """Return for each hop of `hops` the cameras of which a frame left it, or ended there well, after `since`."""
    seen: dict[str, set[str]] = {hop: set() for hop in hops}
    for ledger in ledgers:
        for count in ledger.hops:
            if count.hop in seen and count.last_frame >= since:
                seen[count.hop].add(count.camera)
    return {hop: frozenset(cameras) for hop, cameras in seen.items()}
