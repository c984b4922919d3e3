"""Purger: asks owners' webhooks to clear a pipeline's traces, beside the passes, again and again until one says yes.

What is remembered is in memory only: after a takeover a hook may be called a second time, with the same name.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from frametrace_api.backend import PurgeWebhook
from frametrace_api.status_tracing import PurgeState

from frametrace_operator.errors import OperatorError
from frametrace_operator.hooks.base import HookError, Hooks
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube
from frametrace_operator.logs import logger

__all__ = ["PurgeCall", "Purger"]

_FIRST_SECONDS: Final = 2.0
_MOST_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class PurgeCall:
    """One purge: the rollback that asks for it, the hook, and what it is told."""

    rollback: str
    webhook: PurgeWebhook
    body: dict[str, Any]


@dataclass(slots=True)
class _Call:
    wanted: PurgeCall
    state: PurgeState
    task: asyncio.Future[None] | None = None


class Purger:
    """Makes the calls.

    Args:
        kube: reads tokens.
        hooks: calls.
        changed: is told of a pipeline whose purge stands otherwise than before.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        kube: Kube,
        hooks: Hooks,
        changed: Callable[[PipelineKey], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._kube = kube
        self._hooks = hooks
        self._changed = changed
        self._pause = pause
        self._calls: dict[PipelineKey, _Call] = {}

    def ask(self, key: PipelineKey, wanted: PurgeCall) -> PurgeState:
        """Have a hook called, if that is not under way or done already; how it stands."""
        call = self._calls.get(key)
        if call is None or call.wanted != wanted:
            self.forget(key)
            call = self._calls[key] = _Call(wanted, PurgeState.PENDING)
            call.task = asyncio.ensure_future(self._insist(key, call))
        return call.state

    def forget(self, key: PipelineKey) -> None:
        """Nothing is to be purged (any more), or the pipeline is gone."""
        call = self._calls.pop(key, None)
        if call is not None and call.task is not None:
            call.task.cancel()

    async def close(self) -> None:
        """End all calls."""
        tasks = [call.task for call in self._calls.values() if call.task is not None]
        for key in list(self._calls):
            self.forget(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _insist(self, key: PipelineKey, call: _Call) -> None:
        seconds = _FIRST_SECONDS
        while not await self._try(key, call):
            await self._pause(seconds)
            seconds = min(_MOST_SECONDS, seconds * 2)

    async def _try(self, key: PipelineKey, call: _Call) -> bool:
        """One try; True if the hook said yes."""
        wanted = call.wanted
        try:
            token = await self._token(key.namespace, wanted.webhook)
            await self._hooks.post(wanted.webhook.url, wanted.body, token=token, name=wanted.rollback)
        except (HookError, OperatorError) as error:
            logger().warning("a purge webhook failed and is tried again", pipeline=str(key), error=str(error))
            self._now(key, call, PurgeState.FAILED)
            return False
        logger().info("a purge webhook was called", pipeline=str(key), rollback=wanted.rollback)
        self._now(key, call, PurgeState.DONE)
        return True

    async def _token(self, namespace: str, webhook: PurgeWebhook) -> str | None:
        reference = webhook.secret_ref
        if reference is None:
            return None
        value = await self._kube.secret_value(namespace, reference.name, reference.key)
        if value is None:
            raise HookError(f"Secret {reference.name} with the key {reference.key} is not there")
        return value

    def _now(self, key: PipelineKey, call: _Call, state: PurgeState) -> None:
        if call.state is not state:
            call.state = state
            self._changed(key)
