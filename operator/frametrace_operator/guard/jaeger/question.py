"""What one question to a Jaeger met so far, by which its cost is bound. Pure."""

from typing import Final

from frametrace_operator.guard.jaeger.base import MOST_UNREAD, JaegerSilentError

__all__ = ["MOST_TOLD_APART", "Question"]

MOST_TOLD_APART: Final = 5
"""Traces of one question that are told apart from their neighbours to be got by v3: a sixth is a sign that many are such."""


class Question:
    """A question for traces.

    Attributes:
        unread: why traces that there are could not be read, by trace ID: a few, or the question is given up.
    """

    def __init__(self) -> None:
        self.unread: dict[str, str] = {}
        self._by_v3 = 0

    @property
    def is_for_v3(self) -> bool:
        """Whether v3 gave so many of its traces that the older API could not give that the rest is asked of it, too."""
        return self._by_v3 >= MOST_TOLD_APART

    def was_given_by_v3(self) -> None:
        """Count a trace that only v3 could give."""
        self._by_v3 += 1

    def leave_unread(self, trace_id: str, why: str) -> None:
        """Go on without a trace.

        Raises:
            JaegerSilentError: if those are too many.
        """
        self.unread[trace_id] = why
        if len(self.unread) > MOST_UNREAD:
            raise JaegerSilentError(f"of more than {MOST_UNREAD} traces, {trace_id} among them, each alone {why}")
