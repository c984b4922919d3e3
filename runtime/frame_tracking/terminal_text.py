"""Texts of others made fit for a terminal: what every command prints of names, messages and logs. Pure."""

from __future__ import annotations

__all__ = ["clean"]


def clean(text: object) -> str:
    """Return a text with all that a terminal may obey (control characters, changes of direction) written out."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in str(text)
    )
