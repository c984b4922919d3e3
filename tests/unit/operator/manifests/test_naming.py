"""Names: readable, bounded, and never shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from frametrace_operator.naming import MAX_CHILD_NAME, Role, child_name, config_key, pipeline_selector, service_host
from hypothesis import given
from hypothesis import strategies as st

names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)
items = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?", fullmatch=True)


def test_a_name_says_whose_it_is_and_what_for(make_pipeline: Callable[..., Any]) -> None:
    pipeline = make_pipeline()

    assert child_name(pipeline, Role.CAPTURE, "cam01").startswith("parking-cam01-")
    assert child_name(pipeline, Role.REDIS).startswith("parking-redis-")
    assert child_name(pipeline, Role.NETWORK, "redis").startswith("parking-network-redis-")
    assert service_host(pipeline, Role.JAEGER) == f"{child_name(pipeline, Role.JAEGER)}.site-a.svc"
    assert config_key(Role.STAGE, "motion") == "stage-motion.json"


@given(names, items)
def test_long_names_share_the_room(name: str, item: str) -> None:
    from frametrace_operator.pipeline import Pipeline  # noqa: PLC0415 (fixtures and given do not mix here)

    spec = {"cameras": [{"id": "cam01", "source": {"url": "test://"}}]}
    pipeline = Pipeline.from_object({"metadata": {"namespace": "a", "name": name, "uid": "u"}, "spec": spec})

    made = child_name(pipeline, Role.CAPTURE, item)

    assert len(made) <= MAX_CHILD_NAME
    assert made.startswith(name[:18].rstrip("-"))
    assert item[:18].rstrip("-") in made


@pytest.mark.parametrize("other", [{"uid": "another"}, {"name": "parkings"}])
def test_another_pipeline_shares_nothing(other: dict[str, str], make_pipeline: Callable[..., Any]) -> None:
    one, two = make_pipeline(), make_pipeline(**other)

    assert child_name(one, Role.REDIS) != child_name(two, Role.REDIS)
    assert pipeline_selector(one) != pipeline_selector(two)


def test_a_camera_and_a_stage_of_one_name_differ(make_pipeline: Callable[..., Any]) -> None:
    pipeline = make_pipeline()

    assert child_name(pipeline, Role.CAPTURE, "redis") != child_name(pipeline, Role.STAGE, "redis")
    assert child_name(pipeline, Role.CAPTURE, "redis") != child_name(pipeline, Role.REDIS)
