"""Whether a live object still has what was applied, and what an apply makes of it."""

import copy
from typing import Any

import pytest
from frametrace_operator.quantities import quantity
from frametrace_operator.structure import difference, merge
from hypothesis import example, given
from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "data", "spec", "env", "selector"])
SCALARS = st.one_of(st.text(max_size=3), st.integers(0, 9), st.booleans())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES.filter(lambda name: name != "env"), VALUES, max_size=4)


def container(**fields: Any) -> Any:
    return {"spec": {"containers": [{"name": "main", **fields}]}}


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1, "theirs": 2}, "more": 3}),
        ({"a": "", "b": None, "c": {}, "d": [], "e": {"f": {"g": ""}}}, {}),
        (
            container(resources={"limits": {"cpu": "1000m", "memory": "1024Mi"}}),
            container(resources={"limits": {"cpu": "1", "memory": "1Gi"}}),
        ),
        ({"emptyDir": {"sizeLimit": "0.5Gi"}}, {"emptyDir": {"sizeLimit": "512Mi"}}),
        (
            container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]),
            container(env=[{"name": "B", "value": "2"}, {"name": "X"}, {"name": "A", "value": "1"}]),
        ),
        (container(env=[{"name": "A", "value": ""}]), container(env=[{"name": "A"}])),
        (container(ports=[{"containerPort": 80}]), container(ports=[{"containerPort": 80, "protocol": "TCP"}])),
    ],
)
def test_equal_for_the_api_server_is_equal(desired: Any, live: Any) -> None:
    assert difference(desired, live) is None


@pytest.mark.parametrize(
    ("desired", "live", "where"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b"),
        ({"a": 1}, {}, "a"),
        ({"a": True}, {"a": 1}, "a"),
        ({"a": False}, {}, "a"),
        ({"a": 0}, {}, "a"),
        ({"a": 0}, {"a": False}, "a"),
        ({"data": {"a": ""}}, {"data": {"b": "x"}}, "data.a"),
        ({"spec": {"nodeSelector": {"gpu": ""}}}, {"spec": {}}, "spec.nodeSelector"),
        ({"from": [{"namespaceSelector": {}}]}, {"from": [{}]}, "from.namespaceSelector"),
        (container(image="x"), {"spec": {"containers": [{"name": "other", "image": "x"}]}}, "spec.containers"),
        (
            container(env=[{"name": "A", "value": "1"}]),
            container(env=[{"name": "A", "value": "2"}]),
            "spec.containers.env.value",
        ),
        (container(args=["a", "b"]), container(args=["b", "a"]), "spec.containers.args"),
        (container(args=["a"]), container(args=["a", "b"]), "spec.containers.args"),
        ({"spec": {"selector": {"a": "1"}}}, {"spec": {"selector": {"a": "1", "b": "2"}}}, "spec.selector"),
        (
            container(resources={"limits": {"cpu": "1"}}),
            container(resources={"limits": {"cpu": "2"}}),
            "spec.containers.resources.limits.cpu",
        ),
        (
            {"spec": {"ingress": [{"ports": [{"port": 80}]}]}},
            {"spec": {"ingress": [{"ports": [{"port": 80}, {"port": 81}]}]}},
            "spec.ingress.ports",
        ),
    ],
)
def test_a_difference_is_named_by_its_path(desired: Any, live: Any, where: Any) -> None:
    assert difference(desired, live) == where


@example({"spec": {"env": [[], {"name": ["x"]}]}})
@given(OBJECTS)
def test_an_object_has_what_it_is(body: Any) -> None:
    assert difference(body, copy.deepcopy(body)) is None


@example({}, {"spec": {"env": [{"value": ""}, {"value": "0"}]}}, {})
@given(OBJECTS, OBJECTS, OBJECTS)
def test_after_an_apply_nothing_is_missing(live: Any, applied: Any, before: Any) -> None:
    assert difference(applied, merge(copy.deepcopy(live), copy.deepcopy(applied), before)) is None


@given(OBJECTS, OBJECTS)
def test_applying_twice_is_applying_once(live: Any, applied: Any) -> None:
    once = merge(live, applied, {})
    assert merge(once, applied, applied) == once


def test_an_apply_takes_away_what_only_the_last_one_had() -> None:
    live = {"data": {"mine": "1", "old": "2", "theirs": "3"}}
    assert merge(live, {"data": {"mine": "1"}}, {"data": {"mine": "1", "old": "2"}}) == {
        "data": {"mine": "1", "theirs": "3"}
    }


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1000m"), ("1Gi", "1024Mi"), ("0.1", "100m"), ("1e3", "1k"), ("1E", "1000P"), (2, "2")]
)
def test_quantities_compare_by_what_they_stand_for(one: Any, other: Any) -> None:
    assert quantity(one) == quantity(other) is not None


@pytest.mark.parametrize("text", ["", "x", "1x", "--1", "1.", True, None, "1 Gi"])
def test_what_is_no_quantity_is_none(text: Any) -> None:
    assert quantity(text) is None


@given(st.text())
def test_reading_a_quantity_never_raises(text: Any) -> None:
    quantity(text)
