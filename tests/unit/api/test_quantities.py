"""Quantities of bytes."""

from fractions import Fraction

import pytest
from frametrace_api.quantities import bytes_of, value_of


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 1),
        ("1k", 1_000),
        ("1Ki", 1_024),
        ("10G", 10**10),
        ("1.5k", 1_500),
        ("64Mi", 64 * 2**20),
        ("2Pi", 2 * 2**50),
    ],
)
def test_a_quantity_is_so_many_bytes(text: str, count: int) -> None:
    assert bytes_of(text) == count


@pytest.mark.parametrize("text", ["", "G", "10 G", "10GB", "-1", "1e3", "1ki", "1\n"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Kubernetes quantity"):
        bytes_of(text)


def test_thousandths_are_exact() -> None:
    assert value_of("250m") == Fraction(1, 4)
