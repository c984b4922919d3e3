"""What a Jaeger's own Prometheus metrics say of the spans that it took, and of its volume. Pure."""

import re
from typing import Final

from frametrace_operator.guard.jaeger.base import Taken

__all__ = ["read_taken"]


def _sample(name: str) -> re.Pattern[str]:
    return re.compile(rf"^{name}(?:\{{[^}}\n]*\}})? +([0-9.eE+]{{1,30}})\s*$", re.MULTILINE)


_ACCEPTED: Final = _sample("otelcol_receiver_accepted_spans(?:_total)?")
_WRITTEN: Final = _sample("jaeger_storage_badger_write_bytes_l0")
"""Whatever its name says: badger 4.8 counts an entry as it comes into the table in memory, whole, which is later written compressed."""
_STORED: Final = _sample("jaeger_storage_badger_size_bytes_lsm")


def read_taken(text: str) -> Taken | None:
    """Return what it took, summed over all its receivers; no spans if it never took one; None if these are not a Jaeger's metrics."""
    try:
        spans = _sum(_ACCEPTED, text)
        if spans is None and "otelcol_process_" not in text:
            return None
        return Taken(spans or 0, _sum(_WRITTEN, text), _sum(_STORED, text))
    except (ValueError, OverflowError):
        return None


def _sum(sample: re.Pattern[str], text: str) -> int | None:
    found = [float(value) for value in sample.findall(text)]
    return int(sum(found)) if found else None
