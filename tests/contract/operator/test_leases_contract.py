"""What every Lease behind the election's seam does alike: the one in memory and the one in a real cluster."""

from dataclasses import replace

import pytest
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.real import RealKube
from frametrace_operator.leases.base import Lease, Leases
from frametrace_operator.leases.memory import MemoryLeases
from frametrace_operator.leases.real import ClusterLease


@pytest.fixture
def leases(kube: Kube, namespace: str) -> Leases:
    return ClusterLease(kube._client, namespace, "election") if isinstance(kube, RealKube) else MemoryLeases()


async def test_there_is_none_until_somebody_writes_one(leases: Leases) -> None:
    assert await leases.read() is None
    assert await leases.write(Lease("one", 10))
    found = await leases.read()
    assert found is not None
    assert (found.holder, found.seconds, found.transitions) == ("one", 10, 0)
    assert found.version


async def test_only_one_of_two_makes_it(leases: Leases) -> None:
    assert await leases.write(Lease("one", 10))
    assert not await leases.write(Lease("two", 10))


async def test_a_write_over_an_older_version_is_refused(leases: Leases) -> None:
    await leases.write(Lease("one", 10))
    old = await leases.read()
    assert old is not None
    assert await leases.write(replace(old, holder="two", transitions=1))
    assert not await leases.write(replace(old, holder="three"))
    found = await leases.read()
    assert found is not None
    assert (found.holder, found.transitions) == ("two", 1)
    assert found.version != old.version


async def test_it_can_be_given_back(leases: Leases) -> None:
    await leases.write(Lease("one", 10))
    held = await leases.read()
    assert held is not None
    assert await leases.write(replace(held, holder="", seconds=1))
    found = await leases.read()
    assert found is not None
    assert found.holder == ""
