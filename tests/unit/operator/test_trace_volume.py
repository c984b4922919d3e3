"""The volume of a managed Jaeger: it stays while its traces may be wanted, grows where it can, and says where it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_api.backend import Storage
from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.kube.kinds import KINDS
from frametrace_operator.manifests import sizing

WHY = "the API server refused it: the storageclass cannot resize"

CLAIM = KINDS["v1", "PersistentVolumeClaim"]
DISABLED = {"mode": "Disabled"}


def badger(**managed: Any) -> Any:
    return {"backend": {"managed": {"storage": "Badger", **managed}}}


def claims(world: Any) -> list[tuple[str, str]]:
    """UID and size of each claim."""
    bodies = world.kube.objects(CLAIM)
    return [(body["metadata"]["uid"], body["spec"]["resources"]["requests"]["storage"]) for body in bodies]


async def test_the_volume_outlives_a_time_without_tracing(world: Any) -> None:
    await world.ready(tracing=badger(size="1Gi"))
    before = claims(world)

    world.change(tracing=badger(size="1Gi") | DISABLED)
    await world.settle()

    assert claims(world) == before
    assert not [body for body in world.kube.writes if body.startswith("delete PersistentVolumeClaim")]
    world.change(tracing=badger(size="1Gi"))
    await world.settle()
    assert claims(world) == before


async def test_no_volume_is_made_for_tracing_that_is_disabled_from_the_start(world: Any) -> None:
    await world.ready(tracing=badger() | DISABLED)

    assert claims(world) == []


async def test_another_storage_deletes_the_volume(world: Any) -> None:
    await world.ready(tracing=badger())

    world.change(tracing={"backend": {"managed": {"storage": "Memory"}}})
    await world.settle()

    assert claims(world) == []


async def test_a_volume_grows_and_never_shrinks(world: Any) -> None:
    await world.ready(tracing=badger(size="2Gi"))
    [(uid, _)] = claims(world)

    world.change(tracing=badger(size="8Gi"))
    await world.settle()
    assert claims(world) == [(uid, "8Gi")]
    world.change(tracing=badger(size="4096Mi"))
    await world.settle()

    assert claims(world) == [(uid, "8Gi")]
    assert sum("PersistentVolumeClaim" in write for write in world.kube.writes) == 2, "made, and made larger"


@pytest.mark.parametrize(("span_bytes", "sizes"), [(450, ("1Gi", "2Gi")), (1800, ("4Gi", "4Gi"))])
async def test_a_volume_that_another_version_made_grows_and_never_shrinks(
    world: Any, monkeypatch: pytest.MonkeyPatch, span_bytes: int, sizes: tuple[str, str]
) -> None:
    with monkeypatch.context() as other:
        other.setitem(sizing._SPAN_BYTES, Storage.BADGER, span_bytes)
        await world.ready(tracing=badger())
        [(uid, made)] = claims(world)
    world.restart()

    await world.settle()

    assert (made, claims(world)) == (sizes[0], [(uid, sizes[1])])


@pytest.mark.parametrize("error", [ActionNeededError("ApplyRefused", WHY), RetryError(WHY)])
async def test_a_volume_that_cannot_grow_is_told_and_holds_nothing_up(world: Any, error: OperatorError) -> None:
    await world.ready(tracing=badger(size="2Gi"))
    apply = world.kube.apply

    async def refuse_claims(body: Any) -> Any:
        if body["kind"] == CLAIM.kind:
            raise error
        return await apply(body)

    world.kube.apply = refuse_claims

    world.change(tracing=badger(size="8Gi"))
    await world.settle()
    world.later(5)
    world.run_pods()
    world.flow()
    await world.book.refresh()
    await world.settle()

    said = world.message("TracesFlowing")
    assert "the storageclass cannot resize" in said
    assert "set tracing.backend.managed.size to what it has" in said
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert [world.condition(kind)[0] for kind in ("Reconciling", "Stalled")] == ["False", "False"]
    world.change(tracing=badger(size="2Gi"))
    await world.settle()
    assert "cannot grow" not in world.message("TracesFlowing")
