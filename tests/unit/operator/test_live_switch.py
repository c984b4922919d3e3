"""The live switch: which running pods are told of it, and in which order the writes go."""

from typing import Any

import pytest
from frame_tracking import TracingNow
from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.kube.kinds import POD

HASH = "frametrace.dev/live-hash"
OFF = {"tracing": {"sampling": {"ratio": "0"}}}


def told(world: Any) -> set[str]:
    """Roles of the pods that carry a word."""
    bodies = [body for body in world.kube.objects(POD) if HASH in (body["metadata"].get("annotations") or {})]
    return {body["metadata"]["labels"]["frametrace.dev/role"] for body in bodies}


async def test_new_pods_need_no_word(world: Any) -> None:
    await world.ready()
    assert told(world) == set()
    assert not [write for write in world.kube.writes if write.startswith("annotate")]


async def test_a_live_change_is_written_first_and_told_before_all_else(world: Any) -> None:
    await world.ready()
    before = len(world.kube.writes)
    world.change(**OFF, capture={"framesPerSecond": 5})
    await world.reconcile()
    writes = [write.split()[:2] for write in world.kube.writes[before:]]
    assert writes[:3] == [["apply", "ConfigMap"], ["annotate", "Pod"], ["annotate", "Pod"]]
    assert ["apply", "Deployment"] in writes[3:]
    assert told(world) == {"capture", "stage"}


async def test_pods_are_told_once(world: Any) -> None:
    await world.ready()
    world.change(**OFF)
    await world.settle()
    assert len([write for write in world.kube.writes if write.startswith("annotate")]) == 2


async def test_what_an_operator_did_not_come_to_say_is_said_by_the_next(world: Any) -> None:
    """Killed between the ConfigMap and the pods: a pod that was told before has the old hash, a new one none at all."""
    await world.ready()
    world.change(**OFF)
    await world.settle()
    pod = next(body for body in world.kube.objects(POD) if body["metadata"]["labels"]["frametrace.dev/role"] == "stage")
    await world.kube.annotate(
        POD, "site-a", pod["metadata"]["name"], uid=pod["metadata"]["uid"], annotations={HASH: "old"}
    )
    await world.reconcile()
    hashes = {(body["metadata"].get("annotations") or {}).get(HASH) for body in world.kube.objects(POD)} - {None}
    assert len(hashes) == 1
    assert "old" not in hashes


async def test_a_pod_that_does_the_other_thing_is_told(world: Any) -> None:
    await world.ready()
    ledger = world.ledger("capture", ("cam01",), tracing=TracingNow.OFF)
    world.ledgers.put(world.ip("capture", "cam01"), ledger)
    await world.book.refresh()
    await world.reconcile()
    assert told(world) == {"capture"}


async def test_a_pod_without_instrumentation_does_as_it_should(world: Any) -> None:
    await world.ready()
    ledger = world.ledger("capture", ("cam01",), tracing=TracingNow.DISABLED)
    world.ledgers.put(world.ip("capture", "cam01"), ledger)
    await world.book.refresh()
    await world.reconcile()
    assert told(world) == set()


@pytest.mark.parametrize(
    "error", [ActionNeededError("ApplyRefused", "pods is forbidden"), RetryError("the API server answered 500")]
)
async def test_a_word_that_cannot_be_given_stops_nothing(
    world: Any, monkeypatch: pytest.MonkeyPatch, error: OperatorError
) -> None:
    async def refuse(*_: Any, **__: Any) -> bool:
        raise error

    await world.ready()
    monkeypatch.setattr(world.kube, "annotate", refuse)
    world.change(**OFF, capture={"framesPerSecond": 5})
    before = len(world.kube.writes)
    assert not (await world.reconcile()).failed
    assert [write for write in world.kube.writes[before:] if write.startswith("apply Deployment")]
    await world.settle()
    assert world.condition("Stalled") == ("False", "NotStalled")
    assert told(world) == set()


async def test_a_word_that_could_not_be_given_is_tried_again(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> bool:
        raise RetryError("the API server answered 500")

    await world.ready()
    world.ledgers.put(world.ip("capture", "cam01"), world.ledger("capture", ("cam01",), tracing=TracingNow.OFF))
    await world.book.refresh()
    with monkeypatch.context() as trouble:
        trouble.setattr(world.kube, "annotate", fail)
        result = await world.reconcile()
    assert (result.failed, result.look_again) == (False, 15)
    await world.reconcile()
    assert told(world) == {"capture"}
