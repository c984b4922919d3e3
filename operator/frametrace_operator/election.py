"""Election: of several replicas one leads, by a Lease. Knows candidates and time; must not know the cluster.

No two lead at once: a candidate takes the Lease only when it has itself seen it unchanged for as long as it lasts, and a
leader writes no more (`may_write`) before that time is over. A leader that could not renew in time, because the cluster
was away or its own machine was busy, waits without writing, and goes on if nobody else has taken the Lease meanwhile; it
ends if somebody has. Only monotonic time counts, no machine's wall clock.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from frametrace_operator.errors import LeadershipLostError, OperatorError, RetryError, WaitingError
from frametrace_operator.kube.base import WRITE_SECONDS
from frametrace_operator.leases.base import Lease, Leases
from frametrace_operator.logs import logger
from frametrace_operator.retry_after import obeyed

__all__ = ["LEASE_SECONDS", "Election"]

LEASE_SECONDS: Final = 10
"""How long a leader that is gone still counts as one."""

_SAFE_SECONDS: Final = LEASE_SECONDS - WRITE_SECONDS
"""How long after its last renewal a leader still begins a write: it must end before the Lease does."""

_EVERY_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.5
_ASK_SECONDS: Final = 3.0


class Election:
    """This replica's part in the election."""

    def __init__(
        self,
        leases: Leases,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._leases = leases
        self._identity = identity
        self._clock = clock
        self._sleep = sleep
        self._renewed = float("-inf")
        self._seen: tuple[str, float] = ("", float("-inf"))
        self._still_ours = True
        self._not_before = 0.0

    def leads(self) -> bool:
        """Whether no other replica can be leading now."""
        return self._clock() - self._renewed < _SAFE_SECONDS

    def may_write(self) -> None:
        """Raise WaitingError unless no other replica can be leading now."""
        if not self.leads():
            raise WaitingError("the Lease was not renewed in time", check_after=_EVERY_SECONDS)

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Wait to be elected, then work until the work ends.

        Raises:
            LeadershipLostError: if another replica took the Lease meanwhile. The work was cancelled.
        """
        while not await self.campaign():
            await self._rest(_EVERY_SECONDS)
        logger().info("leading", identity=self._identity)
        working = asyncio.ensure_future(work())
        renewing = asyncio.ensure_future(self._renew())
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise LeadershipLostError("another replica has the Lease")
            await working
        finally:
            for task in (working, renewing):
                task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)

    async def campaign(self) -> bool:
        """Take or renew the Lease if that is allowed. Returns whether this replica holds it now."""
        asked = self._clock()
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                held = await self._take(asked)
        except (OperatorError, TimeoutError) as error:
            logger().warning("the Lease could not be looked at", error=str(error) or "no answer in time")
            if isinstance(error, RetryError) and error.after is not None:
                self._not_before = self._clock() + obeyed(error.after)
            return False
        if held:
            self._renewed = asked
        return held

    async def step_down(self) -> None:
        """Give the Lease back if it is ours, so that another replica leads at once. Call it when all work has ended."""
        self._renewed = float("-inf")
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                lease = await self._leases.read()
                if lease is not None and lease.holder == self._identity:
                    await self._leases.write(replace(lease, holder="", seconds=1))
        except (OperatorError, TimeoutError) as error:
            logger().warning("the Lease was not given back", error=str(error) or "no answer in time")

    async def _renew(self) -> None:
        """Renew until another replica has the Lease, sooner again after a renewal that failed."""
        renewed = True
        while renewed or self._still_ours:
            await self._rest(_EVERY_SECONDS if renewed else _AGAIN_SECONDS)
            renewed = await self.campaign()

    async def _rest(self, seconds: float) -> None:
        """Sleep so long, or as long as the server asked for: a leader that must wait too long pauses, and nobody is faster."""
        await self._sleep(max(seconds, self._not_before - self._clock()))

    async def _take(self, now: float) -> bool:
        lease = await self._leases.read()
        self._still_ours = lease is None or lease.holder in ("", self._identity)
        if lease is None:
            return await self._leases.write(Lease(self._identity, LEASE_SECONDS))
        if lease.version != self._seen[0]:
            self._seen = (lease.version, now)
        if not self._still_ours and now - self._seen[1] < lease.seconds:
            return False
        if lease.holder != self._identity:
            lease = replace(lease, transitions=lease.transitions + 1, acquired="")
        return await self._leases.write(replace(lease, holder=self._identity, seconds=LEASE_SECONDS))
