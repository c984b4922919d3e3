"""The metric names in a PromQL expression; pure. Prometheus itself says whether an expression is one."""

from __future__ import annotations

import re

__all__ = ["metric_names"]

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'")
_LABELS = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NUMBERS = re.compile(r"\b\d[\w.]*")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\w)(?!\s*\()")
_WORDS = {
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "inf",
}


def metric_names(expression: str) -> set[str]:
    """Return the names of all series that an expression asks for."""
    bare = _NUMBERS.sub("", _LABELS.sub("", _STRINGS.sub("", expression)))
    return {name for name in _NAME.findall(bare) if name not in _WORDS}
