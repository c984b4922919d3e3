"""Served kinds: which kinds the cluster knows, asked before a replica begins to lead, and one that comes later.

Must not know what is done with the objects of a kind.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

from frametrace_operator.errors import OperatorError, RetryError
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.kinds import PIPELINE, Kind
from frametrace_operator.logs import logger
from frametrace_operator.retry_after import obeyed

__all__ = ["ServedKinds"]

_ASKED_EVERY: Final = 2.0
"""Seconds between two questions at least."""


@dataclass(frozen=True)
class ServedKinds:
    """Asks the cluster for its kinds, until `stop` is set."""

    kube: Kube
    stop: asyncio.Event

    async def wait_for_definition(self) -> None:
        """Wait until the cluster knows CameraPipelines."""
        while not self.stop.is_set() and not await self.has(PIPELINE):
            logger().warning("the cluster does not know CameraPipelines yet; install the chart's CRD")
            await self._rest()

    async def has(self, kind: Kind) -> bool:
        """Whether the cluster knows the kind; asked until there is an answer."""
        while not self.stop.is_set():
            try:
                return await self.kube.serves(kind)
            except RetryError as error:
                logger().warning("the cluster could not be asked for its kinds", error=str(error))
                await self._rest(obeyed(error.after or 0.0))
            except OperatorError as error:
                logger().warning("the cluster could not be asked for its kinds", error=str(error))
                await self._rest()
        return False

    async def stop_once_there(self, kind: Kind, every: float) -> None:
        """Have this process stop once the cluster knows the kind, so that the next leader watches and makes it too.

        It is seldom, as when the Prometheus Operator is installed after this one; watches that come later are not worth their code.
        The cluster is asked once in `every` seconds.
        """
        while not self.stop.is_set():
            if await self.has(kind):
                logger().info("the cluster has a kind that it had not: the operator begins anew", kind=kind.kind)
                self.stop.set()
            await self._rest(every)
        await asyncio.Event().wait()  # a loop that ends is a fault

    async def _rest(self, seconds: float = 0.0) -> None:
        """Wait before the next question, so long at least, or for the word to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, _ASKED_EVERY)):
                await self.stop.wait()
