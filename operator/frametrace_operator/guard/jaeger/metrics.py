"""What a Jaeger's own Prometheus metrics say of the spans that it took. Pure."""

import re
from typing import Final

__all__ = ["accepted_spans"]

_ACCEPTED: Final = re.compile(
    r"^otelcol_receiver_accepted_spans(?:_total)?(?:\{[^}\n]*\})? +([0-9.eE+]{1,30})\s*$", re.MULTILINE
)


def accepted_spans(text: str) -> int | None:
    """Return the sum over all its receivers, 0 if it never took one; None if these are not a Jaeger's metrics."""
    try:
        found = [float(value) for value in _ACCEPTED.findall(text)]
        return int(sum(found)) if found or "otelcol_process_" in text else None
    except (ValueError, OverflowError):
        return None
