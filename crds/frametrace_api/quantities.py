"""Kubernetes quantities of bytes, as "10G" or "512Mi". Knows the notation; must not know what is measured."""

import re
from fractions import Fraction

__all__ = ["BYTES_BODY", "bytes_of"]

BYTES_BODY = r"[1-9][0-9]{0,11}(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?"

_LETTERS = ("k", "M", "G", "T", "P")
_FACTORS = (
    {"": 1}
    | {letter: 1000**power for power, letter in enumerate(_LETTERS, start=1)}
    | {f"{letter.upper()}i": 1024**power for power, letter in enumerate(_LETTERS, start=1)}
)
_GENERAL = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<unit>k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")


def bytes_of(text: str) -> int:
    """Whole bytes of a quantity: 1_000 for "1k", 1_024 for "1Ki", 1_500 for "1.5k". Raises ValueError for anything else."""
    match = _GENERAL.fullmatch(text)
    if match is None:
        raise ValueError(f"not a quantity of bytes: {text!r}; write a number with k, M, G, T, P, Ki, Mi, Gi, Ti or Pi")
    return int(Fraction(match["number"]) * _FACTORS[match["unit"] or ""])
