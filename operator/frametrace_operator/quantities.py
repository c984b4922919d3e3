"""Kubernetes quantities as numbers, so that "1000m" and "1" compare equal. Knows the notation only; pure."""

import re
from fractions import Fraction

__all__ = ["quantity"]

_SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    **{suffix: Fraction(1000**power) for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
    **{suffix: Fraction(1024**power) for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}
_FORM = re.compile(r"([+-]?[0-9]{1,32}(?:\.[0-9]{1,32})?)(?:[eE]([+-]?[0-9]{1,3})|([numkMGTPE]|[KMGTPE]i)?)")


def quantity(value: object) -> Fraction | None:
    """The number that a quantity stands for, or None if it is no quantity."""
    match = _FORM.fullmatch(str(value))
    if match is None or isinstance(value, bool):
        return None
    number, exponent, suffix = match.groups()
    return Fraction(number) * (Fraction(10) ** int(exponent) if exponent else _SUFFIXES[suffix or ""])
