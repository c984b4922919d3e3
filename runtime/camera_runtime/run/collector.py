"""How often Python's cyclic garbage collector looks at what: frames are freed by their counts of references, without it.

Measured on capture and stage in one process: at CPython's own settings it takes 7 us of every frame, mostly by visiting
spans that wait for their export.
"""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["calm_collector"]

_YOUNG: Final = 10_000
"""Objects from which on the collector looks for cycles among the young ones: above what waits for export, at 9 a frame."""


def calm_collector(*, only_ours: bool) -> None:
    """Leave out, from now on, all that importing and starting made; call it once the process is ready to work.

    Args:
        only_ours: the process runs no code of a user's, whose cycles may hold whole pictures and must not wait longer.
    """
    gc.collect()
    gc.freeze()
    if only_ours:
        gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
