"""Quantities of bytes."""

from fractions import Fraction

import pytest
from frametrace_api.quantities import bytes_of, is_written_whole, value_of


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


@pytest.mark.parametrize("text", ["0", "7", "1.5k", "1.50k", "0.1k", "1Ki", "0Ki", "0k", "1.234567M"])
def test_a_quantity_is_written_whole(text: str) -> None:
    assert is_written_whole(text)


@pytest.mark.parametrize("text", ["0m", "1000m", "2.0", "0.0", "0.5", "1.2340k", "1.5Ki", "0.5Ki", "1.0m"])
def test_a_quantity_is_not_written_whole_though_it_may_be(text: str) -> None:
    """As a real API server says of each: extended resources are counted so."""
    assert not is_written_whole(text)
