"""Settings of built-in handlers, from the stage's environment: a wrong one is said in one line, with the way out."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["InvalidSettingError", "whole_number"]


class InvalidSettingError(ValueError):
    """A variable of the stage's environment cannot be used; the message names it and says what can."""


def whole_number(environ: Mapping[str, str], name: str, bounds: tuple[int, int], default: int) -> int:
    """Return a variable as a whole number; `default`, if it is not set or empty.

    Raises:
        InvalidSettingError: if it is no whole number within `bounds`.
    """
    text = environ.get(name, "").strip()
    if not text:
        return default
    least, most = bounds
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise InvalidSettingError(f"{name} is {text[:40]!r}, not a whole number from {least} to {most}")
    return int(text)
