"""Shared memory through which encoded pictures go: one copy in, one out, and no more.

A page with one number, how many pictures were taken out, then equal slots. The writer owns all slots that are not on
their way; the reader copies a picture out before anything looks at it, so that a decoder that a stream took over
cannot change it afterwards, and counts it as taken. Sealed against shrinking: reading never faults.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections import deque
from typing import Final

__all__ = ["MOST_BYTES", "RingReader", "RingWriter", "new_memory"]

MOST_BYTES: Final = 512 << 20
"""No ring is larger; memory is only used as far as slots were written to."""
_BUDGET: Final = 128 << 20
_FEWEST, _MOST = 4, 64
_PAGE: Final = mmap.PAGESIZE


def new_memory() -> int:
    """Return a file descriptor of empty memory that can grow and never shrink."""
    memory = os.memfd_create("pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    return memory


class RingWriter:
    """The decoder's end. Not thread-safe.

    Args:
        memory: what `new_memory` returned.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._map: mmap.mmap | None = None
        self._taken = memoryview(b"\0" * 8).cast("Q")
        self._seen = 0
        self._free: list[int] = []
        self._under_way: deque[int] = deque()
        self.slot_size = 0
        self.slots = 0

    def fits(self, size: int) -> bool:
        """Tell whether pictures of `size` bytes have slots, or can have them now: a new layout needs an empty ring."""
        self._reap()
        return size <= self.slot_size or not self._under_way

    def fit(self, size: int) -> bool:
        """Have slots for pictures of `size` bytes and somewhat larger ones; True if the reader must be told of it.

        Raises:
            ValueError: if such pictures are too large.
        """
        if size <= self.slot_size:
            return False
        slot_size = -(-size * 3 // 2 // _PAGE) * _PAGE
        slots = min(_MOST, max(_FEWEST, _BUDGET // slot_size))
        whole = _PAGE + slot_size * slots
        if whole > MOST_BYTES:
            raise ValueError("pictures are too large")
        if os.fstat(self._memory).st_size < whole:
            os.ftruncate(self._memory, whole)
        self._map = mmap.mmap(self._memory, whole)
        self._taken = memoryview(self._map)[:8].cast("Q")
        self.slot_size, self.slots, self._free = slot_size, slots, list(range(slots))
        self._seen = self._taken[0]
        return True

    def has_room(self) -> bool:
        """Tell whether a slot is free; true before the first picture."""
        self._reap()
        return bool(self._free) or not self.slots

    def _reap(self) -> None:
        taken = self._taken[0]
        while self._seen < taken and self._under_way:
            self._free.append(self._under_way.popleft())  # used last is used next: few pages, and warm ones
            self._seen += 1

    def write(self, data: bytes | memoryview) -> int:
        """Copy a picture into a free slot; return the slot's number. There must be room."""
        if self._map is None:
            raise RuntimeError("fit() comes before write()")
        slot = self._free.pop()
        begin = _PAGE + slot * self.slot_size
        self._map[begin : begin + len(data)] = data
        self._under_way.append(slot)
        return slot

    def unwrite(self) -> None:
        """Take the picture written last back: it could not be announced."""
        self._free.append(self._under_way.pop())


class RingReader:
    """The parent's end; trusts nothing that the writer says.

    Args:
        memory: what `new_memory` returned.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._map: mmap.mmap | None = None
        self._taken = memoryview(bytearray(8)).cast("Q")
        self._slot_size = 0
        self._slots = 0

    def fit(self, slot_size: int, slots: int) -> None:
        """Take over the layout that the writer told.

        Raises:
            ValueError: if it cannot be.
        """
        whole = _PAGE + slot_size * slots
        if not 0 < whole <= min(MOST_BYTES, os.fstat(self._memory).st_size):
            raise ValueError("a layout that cannot be")
        self._map = mmap.mmap(self._memory, whole)
        self._taken = memoryview(self._map)[:8].cast("Q")
        self._slot_size, self._slots = slot_size, slots

    def take(self, slot: int, size: int) -> bytes:
        """Copy a picture out and give its slot back.

        Raises:
            ValueError: if there is no such slot.
        """
        if self._map is None or not 0 <= slot < self._slots or not 0 <= size <= self._slot_size:
            raise ValueError("a slot that is none")
        begin = _PAGE + slot * self._slot_size
        data = self._map[begin : begin + size]
        self._taken[0] += 1
        return data

    def close(self) -> None:
        """Let go of the memory."""
        self._taken.release()
        if self._map is not None:
            self._map.close()
        os.close(self._memory)
