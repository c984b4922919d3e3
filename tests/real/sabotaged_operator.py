"""The operator with two signals that break it: SIGUSR1 wedges its event loop, SIGUSR2 ends a watcher without a word."""

from __future__ import annotations

import asyncio
import signal
import sys
import time

from frametrace_operator.app import run
from frametrace_operator.logs import set_up
from frametrace_operator.settings import Settings

WEDGED_SECONDS = 30


def _end_a_watcher() -> None:
    for task in asyncio.all_tasks():
        if task.get_name().startswith("watcher for deployments"):
            task.cancel()


async def _run() -> int:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, time.sleep, WEDGED_SECONDS)
    loop.add_signal_handler(signal.SIGUSR2, _end_a_watcher)
    return await run(Settings())


if __name__ == "__main__":
    set_up("INFO")
    sys.exit(asyncio.run(_run()))
