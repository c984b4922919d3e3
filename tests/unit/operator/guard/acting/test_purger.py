"""Purge webhooks: which addresses are never called, and how one is asked until it says yes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from frametrace_api.backend import PurgeWebhook
from frametrace_api.status_tracing import PurgeState
from frametrace_operator.errors import RetryError
from frametrace_operator.guard.acting.purger import PurgeCall, Purger
from frametrace_operator.hooks.addresses import refusal
from frametrace_operator.hooks.memory import MemoryHooks
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.memory import MemoryKube
from hypothesis import given
from hypothesis import strategies as st

KEY = PipelineKey("site-a", "yard")
URL = "https://purge.example/traces"
WEBHOOK = PurgeWebhook.model_validate({"url": URL, "secretRef": {"name": "hook", "key": "token"}})
CALL = PurgeCall("one", WEBHOOK, {"pipeline": "yard"})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1",
        "ff02::1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::1",
        "::127.0.0.1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16",
    ],
)  # fmt: skip
def test_addresses_that_only_the_node_should_reach_are_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address", ["10.96.0.10", "192.168.1.1", "8.8.8.8", "fd12::1", "2001:4860::1", "::ffff:8.8.8.8"]
)
def test_others_may_be_called(address: str) -> None:
    assert refusal(address) == ""


def test_a_network_may_be_allowed_by_name() -> None:
    assert refusal("127.0.0.1", ("127.0.0.0/8",)) == ""
    assert refusal("::ffff:127.0.0.1", ("127.0.0.0/8",)) == ""
    assert refusal("::1", ("127.0.0.0/8",))


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_however_it_is_written(address: Any) -> None:
    for text in (str(address), f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}"):
        assert refusal(text), text


class Site:
    """A purger whose waits are counted and not waited for, at most `patience` of them."""

    def __init__(self, patience: int = 100) -> None:
        self.kube, self.hooks = MemoryKube(), MemoryHooks()
        self.told: list[PipelineKey] = []
        self.waits: list[float] = []
        self._patience = patience
        self.purger = Purger(self.kube, self.hooks, self.told.append, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        if len(self.waits) >= self._patience:
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def put_token(self, token: str = "s3cret") -> None:
        metadata = {"name": "hook", "namespace": "site-a"}
        self.kube.put({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"token": token}})

    async def settle(self) -> PurgeState:
        for _ in range(200):
            await asyncio.sleep(0)
        return self.purger.ask(KEY, CALL)


async def test_a_hook_is_called_once_with_its_token_and_the_rollbacks_name() -> None:
    site = Site()
    site.put_token()
    assert site.purger.ask(KEY, CALL) is PurgeState.PENDING
    assert await site.settle() is PurgeState.DONE
    assert site.hooks.calls == [(URL, {"pipeline": "yard"}, "s3cret", "one")]
    assert site.told == [KEY]


async def test_it_is_asked_again_with_growing_waits() -> None:
    site = Site()
    site.put_token()
    site.hooks.fail_next(*["answered 503"] * 10)
    site.purger.ask(KEY, CALL)
    assert await site.settle() is PurgeState.DONE
    assert site.waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert {call[3] for call in site.hooks.calls} == {"one"}
    assert site.told == [KEY, KEY], "failed, then done"


async def test_a_missing_secret_or_a_silent_api_server_is_waited_for() -> None:
    site = Site(patience=2)
    site.purger.ask(KEY, CALL)
    site.kube.fail_next(RetryError("the API server answered 503"))
    assert await site.settle() is PurgeState.FAILED
    assert not site.hooks.calls
    await site.purger.close()


async def test_another_rollback_is_another_call_and_ends_the_former() -> None:
    site = Site(patience=1)
    site.purger.ask(KEY, CALL)
    assert await site.settle() is PurgeState.FAILED
    site.put_token()
    assert site.purger.ask(KEY, PurgeCall("two", WEBHOOK, {})) is PurgeState.PENDING
    for _ in range(50):
        await asyncio.sleep(0)
    assert [call[3] for call in site.hooks.calls] == ["two"]


async def test_what_is_forgotten_is_not_asked_any_more() -> None:
    site = Site(patience=1)
    site.purger.ask(KEY, CALL)
    await site.settle()
    site.purger.forget(KEY)
    site.put_token()
    for _ in range(50):
        await asyncio.sleep(0)
    assert not site.hooks.calls
