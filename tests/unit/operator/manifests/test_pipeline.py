"""Reading a resource: what is wrong is named, and nothing secret is repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from frametrace_operator.pipeline import InvalidPipelineError, Pipeline

SPEC = {"cameras": [{"id": "cam01", "source": {"url": "test://"}}]}
METADATA = {"namespace": "site-a", "name": "parking", "uid": "u", "generation": 3}


def test_a_resource_is_read_whole() -> None:
    annotated = METADATA | {"annotations": {"frametrace.dev/rollback-tracing": "2024-03-15T10:15:30Z"}}

    pipeline = Pipeline.from_object({"metadata": annotated, "spec": SPEC, "status": {"ignored": True}})

    assert (pipeline.namespace, pipeline.name, pipeline.uid, pipeline.generation) == ("site-a", "parking", "u", 3)
    assert pipeline.annotations == annotated["annotations"]
    assert pipeline.spec.cameras[0].id == "cam01"


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({}, "spec.cameras: "),
        ({"cameras": []}, "spec.cameras"),
        ({"cameras": [{"id": "cam_1", "source": {"url": "test://"}}]}, "spec.cameras[0].id: "),
        ({**SPEC, "stages": [{"name": "a", "handler": "motion", "input": "b"}]}, "spec"),
    ],
)
def test_the_first_problem_is_named(spec: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidPipelineError) as refused:
        Pipeline.from_object({"metadata": METADATA, "spec": spec})

    assert str(refused.value).startswith(field)


def test_all_problems_are_kept_and_counted() -> None:
    with pytest.raises(InvalidPipelineError, match="and 1 more") as refused:
        Pipeline.from_object({"metadata": METADATA, "spec": {**SPEC, "mode": "Fast", "capture": {"jpegQuality": 0}}})

    assert len(refused.value.problems) == 2


def test_fields_of_a_newer_schema_are_left_aside_wherever_they_are() -> None:
    camera = {"id": "cam01", "source": {"url": "test://", "lens": "wide"}}
    spec = {"cameras": [camera], "colour": "blue", "tracing": {"guard": {"mood": "calm"}}}

    pipeline = Pipeline.from_object({"metadata": METADATA, "spec": spec})

    assert pipeline.spec == Pipeline.from_object({"metadata": METADATA, "spec": SPEC}).spec


def test_a_password_is_never_repeated() -> None:
    spec = {"cameras": [{"id": "cam01", "source": {"url": "rtsp://admin:s3cret@cam/1"}}]}

    with pytest.raises(InvalidPipelineError) as refused:
        Pipeline.from_object({"metadata": METADATA, "spec": spec})

    assert "s3cret" not in "".join([str(refused.value), repr(refused.value), *refused.value.problems])
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("name", ["1parking", "par.king", "p" * 41])
def test_a_name_that_children_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidPipelineError, match=r"metadata\.name"):
        Pipeline.from_object({"metadata": METADATA | {"name": name}, "spec": SPEC})


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "everything", ""])
def test_a_platform_refuses_what_is_no_network(cidr: str, make_platform: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=cidr or "''"):
        make_platform(camera_networks_deny=(cidr,))
