"""A plan's writes bring about what was planned for: after them, the next plan has none."""

from datetime import UTC, datetime
from typing import Any

import pytest
from frametrace_operator.act import Actor
from frametrace_operator.decide import decide
from frametrace_operator.kube.kinds import CHILD_KINDS, SECRET
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.manifests import children
from frametrace_operator.observation import Observation, key_of
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.plan import Plan
from frametrace_operator.platform import Platform
from hypothesis import given
from hypothesis import strategies as st

IDS = st.lists(st.sampled_from([f"cam{number:02}" for number in range(6)]), min_size=1, max_size=4, unique=True)
STAGES = st.lists(st.sampled_from(["motion", "resize", "archive"]), max_size=3, unique=True)
PLATFORM = Platform("rt:1", "redis:1", "jaeger:1", "system", (), (), has_pod_monitors=True)


@st.composite
def specs(draw: Any) -> Any:
    stages = [{"name": name, "handler": name, "replicas": draw(st.sampled_from([None, 1, 3]))} for name in draw(STAGES)]
    backend = draw(
        st.sampled_from(
            [
                {"managed": {}},
                {"managed": {"storage": "Badger"}},
                {"external": {"otlpEndpoint": "http://j:4318", "queryUrl": "http://j:16686"}},
            ]
        )
    )
    broker = draw(st.sampled_from([{}, {"external": {"urlSecretRef": {"name": "broker", "key": "url"}}}]))
    return {
        "mode": draw(st.sampled_from(["Running", "Suspended"])),
        "cameras": [{"id": camera, "source": {"url": f"rtsp://cameras/{camera}"}} for camera in draw(IDS)],
        "stages": stages,
        "broker": broker,
        "tracing": {"backend": backend, "sampling": {"ratio": draw(st.sampled_from(["0", "0.5", "1"]))}},
    }


def pipeline(spec: Any) -> Any:
    metadata = {"namespace": "site-a", "name": "yard", "uid": "uid-of-yard", "generation": 1}
    return Pipeline.from_object({"metadata": metadata, "spec": spec})


def look(kube: Any) -> Any:
    live = {key_of(body): body for kind in (*CHILD_KINDS, SECRET) for body in kube.objects(kind)}
    return Observation(now=datetime(2026, 1, 1, tzinfo=UTC), uid="uid-of-yard", live=live)


async def carry_out(kube: Any, plan: Any) -> None:
    await Actor(kube, lambda: None).carry_out("site-a", plan)


@given(specs(), specs(), st.randoms(use_true_random=False))
async def test_after_a_plan_nothing_is_left_to_do_from_any_state(before: Any, after: Any, random: Any) -> None:
    kube = MemoryKube()
    await carry_out(kube, decide(look(kube), children(pipeline(before), PLATFORM)))
    for kind in CHILD_KINDS:
        for body in kube.objects(kind):
            if random.random() < 0.3:
                kube.remove(kind, "site-a", body["metadata"]["name"])
            elif random.random() < 0.3:
                kube.edit(kind, "site-a", body["metadata"]["name"], lambda live: live.pop("spec", None))
    wanted = children(pipeline(after), PLATFORM)
    await carry_out(kube, decide(look(kube), wanted))
    assert decide(look(kube), children(pipeline(after), PLATFORM)) == Plan()
    assert {child.key for child in wanted} <= look(kube).live.keys()


@given(specs())
async def test_a_second_operator_with_the_same_spec_has_nothing_to_do(spec: Any) -> None:
    kube = MemoryKube()
    await carry_out(kube, decide(look(kube), children(pipeline(spec), PLATFORM)))
    assert decide(look(kube), children(pipeline(spec), PLATFORM)).writes == 0


@pytest.fixture
def wanted() -> Any:
    return children(pipeline({"cameras": [{"id": "cam01", "source": {"url": "test://"}}]}), PLATFORM)


async def test_the_reason_of_a_write_is_told(wanted: Any) -> None:
    kube = MemoryKube()
    first = decide(look(kube), wanted)
    assert {why for _, why in first.apply} == {"missing"}
    await carry_out(kube, first)
    child = next(child for child in wanted if child.key[1] == "Deployment")
    kind = next(kind for kind in CHILD_KINDS if kind.kind == "Deployment")
    kube.edit(
        kind,
        "site-a",
        child.key[2],
        lambda body: body["spec"]["template"]["spec"].update(hostNetwork=True, enableServiceLinks=True),
    )
    assert decide(look(kube), wanted).writes in (0, 1)
    kube.edit(kind, "site-a", child.key[2], lambda body: body["spec"].update(replicas=9))
    assert [(found.key, why) for found, why in decide(look(kube), wanted).apply] == [
        (child.key, "drifted at spec.replicas")
    ]


async def test_what_is_of_another_pipeline_is_not_deleted(wanted: Any) -> None:
    kube = MemoryKube()
    await carry_out(kube, decide(look(kube), wanted))
    owner = {
        "apiVersion": "frametrace.dev/v1alpha1",
        "kind": "CameraPipeline",
        "name": "other",
        "uid": "other",
        "controller": True,
    }
    kube.put(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "theirs", "namespace": "site-a", "ownerReferences": [owner]},
        }
    )
    kube.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nobodys", "namespace": "site-a"}})
    assert decide(look(kube), wanted) == Plan()
