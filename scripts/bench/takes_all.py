"""A stage's handler that ends every frame without a look at it."""

from __future__ import annotations

__all__ = ["handle"]


def handle(_frame: object) -> None:
    """End the frame."""
