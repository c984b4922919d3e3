"""Texts of others within bounds: what pods and servers say may be of any length, and a status and an Event may not. Pure."""

from typing import Final

__all__ = ["MOST_CONDITION", "clipped", "clipped_bytes"]

MOST_CONDITION: Final = 4096
"""Characters of a condition's message; the API would take eight times as many, which nobody reads."""

_MORE: Final = "\u2026"


def clipped(text: str, most: int) -> str:
    """The text in at most so many characters; an ellipsis stands for what was cut."""
    return text if len(text) <= most else text[: most - 1] + _MORE


def clipped_bytes(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8; an ellipsis stands for what was cut."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(_MORE.encode())].decode(errors="ignore") + _MORE
