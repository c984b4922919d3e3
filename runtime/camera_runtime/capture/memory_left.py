"""How much more memory this process may allocate, by its own limit."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Final

__all__ = ["memory_left"]

_DATA: Final = 5


def memory_left() -> int:
    """Return bytes; a very large number where there is no limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit == resource.RLIM_INFINITY:
        return sys.maxsize
    pages = int(Path("/proc/self/statm").read_text().split()[_DATA])
    return limit - pages * resource.getpagesize()
