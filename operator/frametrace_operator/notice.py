"""Notice: an Event to be. A value only."""

from dataclasses import dataclass
from typing import Final, Literal

from frametrace_operator.texts import clipped_bytes

__all__ = ["Notice", "note"]

_MOST_NOTE: Final = 1024  # bytes; the API server refuses a longer note


@dataclass(frozen=True, slots=True)
class Notice:
    """An Event to be: its type, its reason in CamelCase, and its sentence."""

    type: Literal["Normal", "Warning"]
    reason: str
    note: str


def note(text: str) -> str:
    """A sentence as long as an Event's may be."""
    return clipped_bytes(text, _MOST_NOTE)
