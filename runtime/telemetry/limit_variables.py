"""The `OTEL_*` variables of span limits, made such that OpenTelemetry's SDK bears them: it reads them when it is imported.

The specification asks to ignore what is no valid value; the SDK raises, and a pod would not start for it. Imports nothing
of the SDK.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Final

__all__ = ["leave_out_invalid_limits"]

_NAMES: Final = (
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
)
_VALID: Final = re.compile(r"\s*[0-9]{0,9}\s*", re.ASCII)


def leave_out_invalid_limits(environ: MutableMapping[str, str]) -> tuple[str, ...]:
    """Take the limits that are no whole number out of an environment; return the names of those that were not empty.

    An empty one counts as not set, as the specification has it; the SDK takes it for no limit.
    """
    invalid = tuple(name for name in _NAMES if name in environ and not _VALID.fullmatch(environ[name]))
    for name in invalid + tuple(name for name in _NAMES if not environ.get(name, "").strip()):
        environ.pop(name, None)
    return invalid
