"""What commands print for programs: JSON that every reader takes, whatever a trace holds. Pure."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

__all__ = ["printed_json"]


def printed_json(value: Any, indent: int | None = 2) -> str:
    """Write a value as JSON, in ASCII. A number that is not finite, which JSON has not, becomes a text such as "nan"."""
    try:
        return json.dumps(value, indent=indent, default=str, allow_nan=False)
    except ValueError:  # seldom, so that the usual value is walked through once
        return json.dumps(_finite(value), indent=indent, default=str, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value
