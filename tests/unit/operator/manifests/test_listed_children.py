"""The list of what the operator makes of a pipeline, for people: nothing is missing in it, and nothing is made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.chart.children import MADE, table

SPECS: tuple[dict[str, Any], ...] = (
    {},
    {"pictures": {"access": "Allowed"}, "tracing": {"backend": {"managed": {"storage": "Badger"}}}},
)
_ITEMS = {"capture": "CAMERA", "stage": "STAGE"}


def test_the_list_has_what_is_made_and_nothing_else(
    make_pipeline: Callable[..., Any], make_platform: Callable[..., Any], bodies: Callable[..., dict[Any, Any]]
) -> None:
    platform = make_platform(has_pod_monitors=True)

    made = {_listed(*key) for spec in SPECS for key in bodies(make_pipeline(**spec), platform)}

    assert {(each.kind, each.role) for each in MADE} == made
    assert len(MADE) == len(made)


def _listed(kind: str, role: str, item: str) -> tuple[str, str]:
    return kind, _ITEMS.get(role, f"{role}-ROLE" if item else role)


def test_each_row_says_when_and_why() -> None:
    assert all(each.when and each.why for each in MADE)
    assert table().count("\n") == len(MADE) + 2
