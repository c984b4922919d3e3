"""Kubernetes quantities, as "10G", "512Mi" or "250m". Knows the notation; must not know what is measured."""

import re
from fractions import Fraction

__all__ = ["BYTES_BODY", "bytes_of", "is_written_whole", "value_of"]

BYTES_BODY = r"[1-9][0-9]{0,11}(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?"

_LETTERS = ("k", "M", "G", "T", "P", "E")
_FACTORS = (
    {"": 1}
    | {letter: 1000**power for power, letter in enumerate(_LETTERS, start=1)}
    | {f"{letter.upper()}i": 1024**power for power, letter in enumerate(_LETTERS, start=1)}
)
_QUANTITY = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)(?P<unit>m|[kMGTPE]|[KMGTPE]i)?")


def value_of(text: str) -> Fraction:
    """The exact value of a quantity: 1/4 for "250m", 1_024 for "1Ki". Raises ValueError for anything else."""
    number, unit = _parts(text)
    return Fraction(number) * (Fraction(1, 1000) if unit == "m" else _FACTORS[unit])


def is_written_whole(text: str) -> bool:
    """Whether a quantity has no decimals but those that its unit of a thousand or more takes up: "2", "1.5k" and "1Ki"; not "2.0", "0.5Ki".

    Raises ValueError for what is no quantity. Source: `AsInt64` of Kubernetes' `apimachinery/pkg/api/resource`.
    """
    number, unit = _parts(text)
    zeros = 3 * (_LETTERS.index(unit) + 1) if unit in _LETTERS else 0
    return unit != "m" and len(number.partition(".")[2]) <= zeros


def bytes_of(text: str) -> int:
    """Whole bytes of a quantity, rounded down: 1_000 for "1k", 1_500 for "1.5k". Raises ValueError for anything else."""
    return int(value_of(text))


def _parts(text: str) -> tuple[str, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(
            f"not a Kubernetes quantity: {text!r}; write a number with m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or no unit"
        )
    return match["number"], match["unit"] or ""
