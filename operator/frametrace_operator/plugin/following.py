"""Logs of several pods as one stream of lines: each pod's by a task of its own, pods that come later included."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final

from frametrace_operator.errors import OperatorError
from frametrace_operator.kube.base import Object
from frametrace_operator.plugin.cluster.base import LogQuery
from frametrace_operator.plugin.session import Session
from frametrace_operator.podview import pod_view

__all__ = ["Line", "lines_of"]

Line = tuple[Object, str]
"""A pod and a line of its log."""

_LOOK_SECONDS: Final = 3.0
_AHEAD: Final = 1000
"""Lines that may wait to be printed; a pod that writes faster than the terminal reads waits."""


async def lines_of(
    session: Session,
    find: Callable[[], Awaitable[list[Object]]],
    query: LogQuery,
    failed: Callable[[Object, str], None],
) -> AsyncGenerator[Line, None]:
    """Lines as they come: pod after pod, or with `query.follow` of all at once and without end.

    A pod whose log cannot be read is told to `failed`, and hinders no other.
    """
    if not query.follow:
        for pod in await find():
            async for line in _guarded(session, pod, query, failed):
                yield pod, line
        return
    waiting: asyncio.Queue[Line] = asyncio.Queue(_AHEAD)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_up(session, find, query, failed, waiting, tasks))
        while True:
            yield await waiting.get()


async def _keep_up(
    session: Session,
    find: Callable[[], Awaitable[list[Object]]],
    query: LogQuery,
    failed: Callable[[Object, str], None],
    waiting: asyncio.Queue[Line],
    tasks: asyncio.TaskGroup,
) -> None:
    """Follow each life of each pod once; of those that begin later, from their first line on."""
    known: set[tuple[str, int]] = set()
    while True:
        for pod in _alive(await find()):
            life = (pod["metadata"]["uid"], pod_view(pod).restarts)
            if life not in known:
                known.add(life)
                tasks.create_task(_pump(session, pod, query, failed, waiting))
        query = LogQuery(follow=True)
        await session.pause(_LOOK_SECONDS)


def _alive(pods: Iterable[Object]) -> list[Object]:
    return [pod for pod in pods if pod_view(pod).running]


async def _pump(
    session: Session,
    pod: Object,
    query: LogQuery,
    failed: Callable[[Object, str], None],
    waiting: asyncio.Queue[Line],
) -> None:
    async for line in _guarded(session, pod, query, failed):
        await waiting.put((pod, line))


async def _guarded(
    session: Session, pod: Object, query: LogQuery, failed: Callable[[Object, str], None]
) -> AsyncIterator[Any]:
    metadata = pod["metadata"]
    try:
        async for line in session.cluster.log(metadata["namespace"], metadata["name"], query):
            yield line
    except OperatorError as error:
        failed(pod, str(error))
