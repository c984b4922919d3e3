"""A turn is clean if only what should change has changed: no template but the runtime's, no pod, no status, no frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scripts.upgrade.compare import Snapshot
from scripts.upgrade.frames import Frames
from scripts.upgrade.turns import Kind, judged

_ROLES = {
    "a-cam": ("auto", "capture"),
    "a-redis": ("auto", "redis"),
    "h-cam": ("held", "capture"),
}
_BEFORE = Snapshot(
    pods={f"{name}-6f7-x": (name, 0) for name in _ROLES},
    owners={f"{name}-6f7-x": name for name in _ROLES},
    templates=dict.fromkeys(_ROLES, "t1"),
    statuses={"auto": {"mode": "Running"}, "held": {"mode": "Running"}},
    roles=_ROLES,
    on_approval=frozenset({"held"}),
)


def _after(*replaced: str, **statuses: Any) -> Snapshot:
    """What is there once these Deployments have a new template and a new pod."""
    pods = {f"{name}-{'8a9' if name in replaced else '6f7'}-x": (name, 0) for name in _ROLES}
    templates = {name: "t2" if name in replaced else "t1" for name in _ROLES}
    owners = {pod: pod.rsplit("-", 2)[0] for pod in pods}
    return replace(_BEFORE, pods=pods, owners=owners, templates=templates, statuses={**_BEFORE.statuses, **statuses})


_WAITS = {"mode": "Running", "pendingUpgrade": {"id": "1"}}


def test_an_upgrade_that_changes_nothing_of_the_pods_is_clean() -> None:
    turn = judged(Kind.UPGRADE, 12.34, _BEFORE, _after())

    assert turn.is_clean
    assert (turn.name, turn.seconds, turn.replaced) == ("upgrade", 12.3, 0)


@pytest.mark.parametrize("kind", [Kind.UPGRADE, Kind.RETURN])
def test_a_template_that_changed_is_told_though_its_pods_are_replaced_rightly(kind: Kind) -> None:
    turn = judged(kind, 1, _BEFORE, _after("a-cam"))

    assert (turn.unexpected, turn.restarted, turn.is_clean) == (["a-cam has another template"], [], False)


def test_a_redis_that_restarted_is_told() -> None:
    after = replace(_after(), pods={**_BEFORE.pods, "a-redis-6f7-x": ("a-redis", 1)})

    assert judged(Kind.UPGRADE, 1, _BEFORE, after).restarted == ["a-redis-6f7-x"]


def test_a_new_runtime_replaces_its_own_pods_and_waits_where_it_must() -> None:
    turn = judged(Kind.WITH_RUNTIME, 1, _BEFORE, _after("a-cam", held=_WAITS), Frames(2, 9, 9, [], []))

    assert turn.is_clean
    assert turn.replaced == 1


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (_after(held=_WAITS), "a-cam has the template of before"),
        (_after("a-cam", "a-redis", held=_WAITS), "a-redis has another template"),
        (_after("a-cam", "h-cam", held=_WAITS), "h-cam has another template"),
        (_after("a-cam"), "held does not say what waits for approval"),
    ],
)
def test_a_new_runtime_that_replaces_more_or_less_is_told(after: Snapshot, told: str) -> None:
    assert judged(Kind.WITH_RUNTIME, 1, _BEFORE, after).unexpected == [told]


@pytest.mark.parametrize("frames", [Frames(1, 0, 0, [], []), Frames(1, 3, 2, ["s 3"], [])])
def test_a_frame_that_nobody_accounts_for_makes_a_turn_unclean(frames: Frames) -> None:
    assert not judged(Kind.WITH_RUNTIME, 1, _BEFORE, _after("a-cam", held=_WAITS), frames).is_clean


def test_the_mode_may_go_on_the_way_back_alone() -> None:
    without: dict[str, Any] = {"auto": {}, "held": {}}

    assert judged(Kind.RETURN, 1, _BEFORE, _after(**without)).is_clean
    assert judged(Kind.UPGRADE, 1, _BEFORE, _after(**without)).lost == ["auto: mode is gone", "held: mode is gone"]
