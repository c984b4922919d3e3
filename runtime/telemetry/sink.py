"""The sinks' seam: where encoded spans go. Implementations: `otlp_http`, `otlp_grpc`, `MemorySink` here (for tests)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

__all__ = ["Answer", "MemorySink", "Receipt", "SpanSink"]


class Answer(StrEnum):
    """What a receiver made of a request."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It answered, and will not take this request however often it is asked."""
    UNAVAILABLE = "unavailable"
    """It did not answer, or asked for patience: trying again may help."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver said.

    Attributes:
        rejected: spans of a taken request that it did not keep (OTLP's partial success).
        after_seconds: how long it asked to wait before the next try; 0 if it did not say.
        why: one line for the log, without credentials.
    """

    answer: Answer = Answer.TAKEN
    rejected: int = 0
    after_seconds: float = 0.0
    why: str = ""


class SpanSink(Protocol):
    """Takes one request after the other, from one thread."""

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        """Hand over a serialised OTLP `ExportTraceServiceRequest`, within the time; never raises."""

    def close(self) -> None:
        """Let go of the connection; a `send` of another thread ends soon."""


@dataclass
class MemorySink:
    """Keeps what it is sent, and answers what it is told to: `answers` in order, then yes."""

    requests: list[bytes] = field(default_factory=list)
    answers: list[Receipt] = field(default_factory=list)

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        """Keep a request that is taken.

        Raises:
            ValueError: if there is no time left for it: the caller had to give up.
        """
        if timeout_seconds <= 0:
            raise ValueError(f"send() with {timeout_seconds} s left")
        receipt = self.answers.pop(0) if self.answers else Receipt()
        if receipt.answer is Answer.TAKEN:
            self.requests.append(request)
        return receipt

    def close(self) -> None:
        """Nothing is open."""
