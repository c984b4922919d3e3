"""A frame is shown on its own pipeline's page only; in doubt, on none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from camera_runtime.page.belonging import Belonging
from frame_tracking import Journey

OWN = Belonging("site-a", "yard")


@pytest.mark.parametrize(
    ("whose", "own"),
    [
        ({}, True),
        ({"pipeline": "gate"}, False),
        ({"namespace": "site-b"}, False),
        ({"namespace": ""}, False),
    ],
)
def test_name_and_namespace_must_be_the_pipelines(journey_of: Any, whose: dict[str, str], *, own: bool) -> None:
    assert OWN.owns(journey_of(1, **whose)) is own


def test_one_span_of_another_pipeline_is_enough_to_hide_a_trace(journey_of: Any) -> None:
    journey = journey_of(1)
    last = journey.spans[-1]
    foreign = replace(last, attributes={**last.attributes, "pipeline.name": "gate"})
    assert not OWN.owns(Journey.of(journey.trace_id, (*journey.spans[:-1], foreign)))


def test_a_trace_that_says_not_whose_it_is_is_nobodys(journey_of: Any) -> None:
    journey = journey_of(1)
    bare = (replace(span, attributes={}, resource={}) for span in journey.spans)
    assert not Belonging("site-a", "yard", alone=True).owns(Journey.of(journey.trace_id, bare))


def test_where_the_jaeger_is_the_pipelines_alone_the_name_will_do(journey_of: Any) -> None:
    journey = journey_of(1)
    silent = Journey.of(journey.trace_id, (replace(span, resource={}) for span in journey.spans))
    assert Belonging("site-a", "yard", alone=True).owns(silent)
    assert not OWN.owns(silent)
    assert not Belonging("site-a", "yard", alone=True).owns(journey_of(1, namespace="site-b"))
