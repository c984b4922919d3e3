"""Values whose key stands in somebody's file with nothing behind it: helm takes the default away then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.chart.rendering import CHART, helm, of_kind, render

pytestmark = pytest.mark.contract

_DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
_BESIDE = {"networkPolicy": {"enabled": True}, "dashboards": {"enabled": True}, "podMonitor": {"enabled": True}}
_EMPTY: tuple[object, ...] = ([], {}, "")


def _nothing_at(path: tuple[str, ...]) -> dict[str, Any]:
    """Values with nothing at a path, and policy, dashboards and PodMonitor where it is not of them."""
    first, *rest = path
    if not rest:
        return _BESIDE | {first: None}
    return _BESIDE | {first: {**_BESIDE.get(first, {}), rest[0]: None}}


def _paths(*, empty: bool) -> list[tuple[str, ...]]:
    """Paths of values whose default is empty, or those of numbers, switches and words that must be there."""
    deep = [
        ((group, name), default)
        for group, inner in _DEFAULTS.items()
        if isinstance(inner, dict)
        for name, default in inner.items()
    ]
    found = [
        ((name,), default) for name, default in _DEFAULTS.items() if not isinstance(default, dict) or not default
    ] + deep
    if empty:
        return [path for path, default in found if default in _EMPTY]
    return [
        path
        for path, default in found
        if isinstance(default, (bool, int, str)) and default != "" and path not in _WITH_ONE_IN_THE_TEMPLATE
    ]


#: Newer than 0.1.0, whose values `--reuse-values` brings; or left to the cluster.
_WITH_ONE_IN_THE_TEMPLATE = {
    ("podMonitor", "interval"), ("networkPolicy", "ofPipelines"), ("podSecurityContext", "runAsUser"), ("podSecurityContext", "runAsGroup")
}  # fmt: skip


@pytest.mark.parametrize("path", _paths(empty=True), ids=".".join)
def test_nothing_is_as_good_as_an_empty_list_or_text(path: tuple[str, ...], tmp_path: Path) -> None:
    assert render(_nothing_at(path), tmp_path) == render(_BESIDE, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        *(
            (name,)
            for name, default in _DEFAULTS.items()
            if isinstance(default, dict) and default and name != "resources"
        ),
        *_paths(empty=False),
    ],
    ids=".".join,
)
def test_what_must_be_there_is_asked_for_by_name(path: tuple[str, ...], tmp_path: Path) -> None:
    done = helm("template", "frametrace", values=_nothing_at(path), folder=tmp_path)

    assert done.returncode != 0
    assert f"missing property '{path[-1]}'" in done.stderr


@pytest.mark.parametrize("name", ["dnsPorts", "apiServerPorts", "extraEgress"])
def test_no_rule_lets_everything_out_for_want_of_a_value(name: str, tmp_path: Path) -> None:
    [policy] = of_kind("NetworkPolicy", render(_nothing_at(("networkPolicy", name)), tmp_path))

    assert all(rule.get("ports") or rule.get("to") for rule in policy["spec"]["egress"])
