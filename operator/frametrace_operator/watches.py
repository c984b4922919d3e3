"""Watches: kopf's tasks, begun for as long as this replica leads, and ended for certain. Must not know what they watch for.

kopf's own ending is not used: after one watcher broke, its others went on for ever without a session, deaf to a single
cancellation, until kopf killed the process with SIGKILL 8 s later, and the Lease with it was held for its whole time.
"""

import asyncio
from collections.abc import Callable, Iterable
from types import CoroutineType
from typing import Any, Final

import kopf

__all__ = ["watch"]

_WATCHER: Final = "watcher for "
_LAST: Final = "startup/cleanup activities"
_WORDS: Final = 6
_WORD_SECONDS: Final = 0.5


async def watch(
    registry: kopf.OperatorRegistry,
    settings: kopf.OperatorSettings,
    namespaces: Iterable[str],
    begun: Callable[[], None],
) -> None:
    """Watch until cancelled, or until a watch breaks, and raise why. `begun` is called when kopf has taken its signals."""
    ours = asyncio.all_tasks()
    names = tuple(namespaces)
    roots = set(await kopf.spawn_tasks(registry=registry, settings=settings, clusterwide=not names, namespaces=names))
    begun()
    try:
        await asyncio.wait(roots, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(task for task in asyncio.all_tasks() - ours if task.get_name().startswith(_WATCHER))
        await _end(task for task in roots if task.get_name() != _LAST)
        await _end(roots)  # it closes the session that the others used
        await _generators_closed()
    for task in roots:
        if not task.cancelled():
            task.result()


async def _generators_closed() -> None:
    """Wait until the watches' generators are closed, one inside the other: a loop that ends meanwhile closes them again.

    It would log a traceback: the generator is running already.
    """
    for _ in range(_WORDS):
        await asyncio.sleep(0)
        closing = {task for task in asyncio.all_tasks() if not isinstance(task.get_coro(), CoroutineType)}
        if closing:
            await asyncio.wait(closing, timeout=_WORD_SECONDS)


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and say so again to those that did not listen."""
    pending = set(tasks)
    for _ in range(_WORDS):
        for task in pending:
            task.cancel()
        if pending:
            _, pending = await asyncio.wait(pending, timeout=_WORD_SECONDS)
