"""Renderings are kept as long as nothing that they are made of changes, and not one bit longer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from frametrace_api.broker import Broker
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.keys import PipelineKey
from frametrace_operator.manifests import Child, children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.renderings import Renderings

PLATFORM = Platform("rt:1", "redis:1", "jaeger:1", "frametrace-system", (), ())


def pipeline(*, generation: int = 1, uid: str = "u1", handler: str = "motion") -> Pipeline:
    spec: dict[str, Any] = {
        "cameras": [{"id": "cam01", "source": {"url": "test://"}}],
        "stages": [{"name": "motion", "handler": handler}],
        "broker": {"external": {"urlSecretRef": {"name": "broker", "key": "url"}}},
    }
    metadata = {"name": "yard", "namespace": "a", "uid": uid, "generation": generation}
    return Pipeline.from_object({"apiVersion": "v1", "kind": "CameraPipeline", "metadata": metadata, "spec": spec})


def _kept(made: tuple[Child, ...]) -> list[Child]:
    """All but what is made up each time."""
    return [child for child in made if not child.create_only]


def test_the_second_time_gives_what_the_first_one_did() -> None:
    renderings = Renderings()
    wanted = children(pipeline(), PLATFORM, new_password=str)

    first = [child for child in renderings.children(pipeline(), PLATFORM) if not child.create_only]
    again = renderings.children(pipeline(handler="resize"), PLATFORM)  # of the same generation, so not looked at

    assert first == [child for child in wanted if not child.create_only]
    assert [child for child in again if not child.create_only] == first


@pytest.mark.parametrize(
    ("changed", "platform", "tracing"),
    [
        (pipeline(generation=2, handler="resize"), PLATFORM, TracingPlan()),
        (pipeline(uid="u2"), PLATFORM, TracingPlan()),
        (replace(pipeline(), annotations={"frametrace.dev/journey-page": "Enabled"}), PLATFORM, TracingPlan()),
        (pipeline(), replace(PLATFORM, runtime_image="rt:2"), TracingPlan()),
        (pipeline(), PLATFORM, TracingPlan(on=False)),
        (pipeline(), PLATFORM, TracingPlan(ratios={"cam01": "0.5"})),
        (pipeline(), PLATFORM, TracingPlan(instrumented=False)),
    ],
)
def test_whatever_they_are_made_of_changes_them(changed: Any, platform: Any, tracing: Any) -> None:
    renderings = Renderings()
    before = renderings.children(pipeline(), PLATFORM)

    assert renderings.children(changed, platform, tracing) != before


def test_captures_that_wait_for_their_turn_are_rendered_as_they_were() -> None:
    renderings, off = Renderings(), TracingPlan(instrumented=False)
    waiting = renderings.children(pipeline(), PLATFORM, off, waiting=("cam01",))

    assert renderings.children(pipeline(), PLATFORM, off) != waiting


def test_a_secret_that_was_made_again_changes_them_and_who_does_not_know_of_it_gets_what_there_is() -> None:
    renderings = Renderings()
    managed = replace(pipeline(), spec=pipeline().spec.model_copy(update={"broker": Broker()}))
    before = renderings.children(managed, PLATFORM, broker_secret="")

    after = renderings.children(managed, PLATFORM, broker_secret="another")

    assert _kept(after) != _kept(before)
    assert _kept(renderings.children(managed, PLATFORM)) == _kept(after)
    assert _kept(renderings.children(managed, PLATFORM, broker_secret="another")) == _kept(after)


def test_a_pipeline_that_is_gone_is_forgotten() -> None:
    renderings = Renderings()
    renderings.children(pipeline(), PLATFORM)
    renderings.forget(PipelineKey("a", "yard"))

    assert not renderings._known


def test_a_password_is_not_kept() -> None:
    renderings = Renderings()
    managed = replace(pipeline(), spec=pipeline().spec.model_copy(update={"broker": Broker()}))

    made = [renderings.children(managed, PLATFORM) for _ in range(3)]

    secrets = [child.body["stringData"] for children in made for child in children if child.key[1] == "Secret"]
    assert len({secret["password"] for secret in secrets}) == 3
    assert all(secret["auth.conf"] == f'requirepass "{secret["password"]}"\n' for secret in secrets)
