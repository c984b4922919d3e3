"""The number that is burned into every picture: as cells that a program reads exactly, and as digits for people.

The cells are one row of 32 squares across the whole width at the very top, so they survive a resize and a JPEG:
white, black, 24 bits (most significant first), 4 check bits, black, white. Knows nothing of video codecs or of RTSP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Luma = NDArray[np.uint8]

__all__ = ["CELLS", "MAX_COUNT", "draw_cells", "draw_digits", "read_cells"]

CELLS = 32
MAX_COUNT = 1 << 24
_BITS = 24
_CHECK_BITS = 4
_BLACK, _MIDDLE, _WHITE = 16, 126, 235
#: The segments of a digit in a 3 x 5 grid of dots, row by row.
_DIGITS = (
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
    "111100111001111", "111100111101111", "111001001001001", "111101111101111", "111101111001111",
)  # fmt: skip


def draw_cells(luma: Luma, count: int) -> None:
    """Draw ``count`` (0 to 2**24 - 1) as cells into the top rows of ``luma``, an array of shape (height, width).

    Raises:
        ValueError: the number does not fit into 24 bits.
    """
    if not 0 <= count < MAX_COUNT:
        raise ValueError(f"a picture's number is at least 0 and below {MAX_COUNT}, got {count}")
    side = luma.shape[1] // CELLS
    for cell, bit in enumerate(_cells(count)):
        luma[:side, cell * side : (cell + 1) * side] = _WHITE if bit else _BLACK


def read_cells(luma: Luma) -> int:
    """Return the number that ``draw_cells`` drew into ``luma``, an array of shape (height, width) of any size.

    Raises:
        ValueError: the row is not there or its check bits do not fit (a damaged picture).
    """
    side = luma.shape[1] // CELLS
    inner = slice(side // 4, max(side // 4 + 1, side - side // 4))
    row = luma[inner, : side * CELLS].reshape(-1, CELLS, side)[:, :, inner]
    bits = [int(level > _MIDDLE) for level in row.mean(axis=(0, 2))]
    count = int("".join(map(str, bits[2 : 2 + _BITS])), 2)
    if bits != _cells(count):
        raise ValueError(f"the picture carries no readable number: {bits}")
    return count


def draw_digits(luma: Luma, count: int) -> None:
    """Draw ``count`` as eight white digits on black, below the cells of ``luma``, an array of shape (height, width)."""
    dot = max(1, luma.shape[1] // 128)
    top = luma.shape[1] // CELLS + 2 * dot
    luma[top : top + 7 * dot, 2 * dot : 36 * dot] = _BLACK
    for place, digit in enumerate(f"{count:08d}"):
        for index, lit in enumerate(_DIGITS[int(digit)]):
            if lit == "1":
                y, x = top + (1 + index // 3) * dot, (3 + place * 4 + index % 3) * dot
                luma[y : y + dot, x : x + dot] = _WHITE


def _cells(count: int) -> list[int]:
    bits = [int(bit) for bit in f"{count:0{_BITS}b}"]
    check = [int(bit) for bit in f"{sum(bits) % 16:0{_CHECK_BITS}b}"]
    return [1, 0, *bits, *check, 0, 1]
