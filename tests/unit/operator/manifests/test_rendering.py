"""Values in templates, and the checks that stand behind them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from frametrace_operator.manifests.checks import InvalidManifestError, check_manifest
from frametrace_operator.manifests.render import as_yaml, render, render_text
from frametrace_operator.naming import RENDERED_HASH, Role
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

text = st.text(st.characters(codec="utf-8"))
keys = st.text(st.characters(codec="utf-8"), max_size=80)  # YAML takes no key of more than 1024 characters on one line
values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
)


@given(values)
def test_a_value_reads_back_as_it_was_from_one_line(value: object) -> None:
    written = as_yaml(value)

    assert "\n" not in written
    assert yaml.safe_load(f"a:\n  - {written}\nb: 1") == {"a": [value], "b": 1}
    assert yaml.load(f"a: {written}", yaml.CSafeLoader) == {"a": value}


def test_a_value_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="data"):
        render_text("config_map", metadata={})


def test_a_template_of_no_object_is_an_error(make_pipeline: Callable[..., Any]) -> None:
    with pytest.raises(InvalidManifestError, match="parking-redis"):
        render("_container_security", make_pipeline(), Role.REDIS)


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def mutate(body: dict[str, Any]) -> None:
        target: Any = body
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = to

    return mutate


POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)


@pytest.mark.parametrize(
    ("mutate", "problem"),
    [
        (_set("metadata", "name", to="other"), "metadata"),
        (_set("metadata", "namespace", to="kube-system"), "metadata"),
        (_set("kind", to=""), "no kind"),
        (_set(*POD, "hostNetwork", to=True), "hostNetwork is set"),
        (_set(*POD, "automountServiceAccountToken", to=True), "token"),
        (_set(*POD, "securityContext", "runAsUser", to=0), "root"),
        (_set(*POD, "securityContext", "seccompProfile", to={"type": "Unconfined"}), "seccomp"),
        (_set(*POD, "volumes", 0, "hostPath", to={"path": "/"}), "hostPath"),
        (_set(*CONTAINER, "securityContext", "privileged", to=True), "container capture must have exactly"),
        (_set(*CONTAINER, "securityContext", "capabilities", "add", to=["SYS_ADMIN"]), "container capture must have"),
        (_set(*CONTAINER, "ports", 0, "hostPort", to=80), "takes a port of the host"),
    ],
)
def test_a_manifest_that_may_too_much_is_refused(
    mutate: Callable[[dict[str, Any]], None],
    problem: str,
    make_pipeline: Callable[..., Any],
    bodies: Callable[..., dict[Any, Any]],
) -> None:
    body = copy.deepcopy(bodies(make_pipeline())["Deployment", "capture", "cam01"])
    body["metadata"].pop("annotations")
    metadata = copy.deepcopy(body["metadata"])
    check_manifest(body, metadata)

    mutate(body)

    with pytest.raises(InvalidManifestError, match=problem):
        check_manifest(body, metadata)


def test_a_hash_does_not_depend_on_itself_but_on_all_else(
    make_pipeline: Callable[..., Any], bodies: Callable[..., dict[Any, Any]]
) -> None:
    from frametrace_operator.manifests import rendered_hash  # noqa: PLC0415 (beside what it is compared with)

    body = copy.deepcopy(bodies(make_pipeline())["Service", "redis", ""])
    before = body["metadata"]["annotations"].pop(RENDERED_HASH)
    assert rendered_hash(body) == before

    body["spec"]["ports"][0]["port"] = 1

    assert rendered_hash(body) != before
