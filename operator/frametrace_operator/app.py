"""The composition root: settings, client, election, health endpoint, and what a leader does."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack

import uvloop

from frametrace_operator import connection
from frametrace_operator.election import Election
from frametrace_operator.errors import LeadershipLostError
from frametrace_operator.garbage import collect_seldom
from frametrace_operator.health import Health
from frametrace_operator.http import serve
from frametrace_operator.kube.real import RealKube
from frametrace_operator.leases.real import ClusterLease
from frametrace_operator.logs import logger, set_up
from frametrace_operator.loops import Leader
from frametrace_operator.metrics import Metrics
from frametrace_operator.refused_settings import refusals
from frametrace_operator.settings import Settings

__all__ = ["main", "run"]

_OK, _BROKEN = 0, 1
_GRACE = 5.0


def main() -> int:
    """Run the operator until it is told to stop.

    Returns the exit code: 0 after a signal, 1 when leading was lost or broke off, or settings are refused. These are looked at before
    anything answers, so that a rollout with such settings stops at its first pod, which is never ready.
    """
    try:
        settings = Settings()
    except ValueError as error:
        set_up("ERROR")
        logger().error("settings are refused: correct the chart's values that they come from", refused=refusals(error))
        return _BROKEN
    set_up(settings.log_level)
    collect_seldom()
    return uvloop.run(run(settings))  # ADR 021: the guard of a thousand pipelines is mostly sockets


async def run(settings: Settings) -> int:
    """Serve health at once, stand by, and lead when elected."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics, health = Metrics(), Health(time.monotonic, silence=settings.watch_silence_seconds)
    async with AsyncExitStack() as stack:
        # The election asks over connections of its own: passes that hang must not keep a leader from its Lease.
        for_lease, for_passes = [await stack.enter_async_context(await connection.client()) for _ in range(2)]
        runner = await serve(settings.http_port, health, metrics.snapshot)
        stack.push_async_callback(runner.cleanup)
        ticking = asyncio.ensure_future(health.tick())
        stack.callback(ticking.cancel)
        election = Election(ClusterLease(for_lease, settings.namespace, settings.lease_name), settings.identity)
        leader = Leader(settings, RealKube(for_passes), metrics, health, election.may_write, stop)
        health.started = True
        return await _stand(election, leader, stop)


async def _stand(election: Election, leader: Leader, stop: asyncio.Event) -> int:
    """Stand by and lead until a signal comes or leading ends."""
    standing = asyncio.ensure_future(election.lead(leader.run))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({standing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({standing}, timeout=_GRACE if election.leads() else 0)
        standing.cancel()
        await standing
    except asyncio.CancelledError:
        logger().info("stopped")
    except LeadershipLostError as error:
        logger().error("another replica may lead now", why=str(error))
        return _BROKEN
    except Exception:  # noqa: BLE001 (nothing is left to run; the log says why, and the pod begins anew)
        logger().exception("the operator broke off")
        return _BROKEN
    finally:
        stopped.cancel()
        await election.step_down()
    return _OK
