"""Logs of several pods as one stream of lines: each pod's by a task of its own, pods that come later included."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
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


@dataclass(slots=True)
class _Reading:
    """The logs that are read; `told` says that one could be, `error` why the last one that could not be was not."""

    session: Session
    failed: Callable[[Object, str], None]
    going: int = 0
    told: bool = False
    error: OperatorError | None = None

    def raise_if_in_vain(self) -> None:
        """Raise the last error, if no log could be read and none is being read."""
        if self.error is not None and not self.told and not self.going:
            raise self.error


async def lines_of(
    session: Session,
    find: Callable[[], Awaitable[list[Object]]],
    query: LogQuery,
    failed: Callable[[Object, str], None],
) -> AsyncGenerator[Line, None]:
    """Lines as they come: pod after pod, or with `query.follow` of all at once and without end.

    A pod whose log cannot be read is told to `failed`, and hinders no other.

    Raises:
        OperatorError: if not one log can be read, or the pods cannot be listed.
    """
    reading = _Reading(session, failed)
    if query.follow:
        async with aclosing(_followed(reading, find, query)) as lines:
            async for line in lines:
                yield line
        return
    for pod in await find():
        async for text in _guarded(reading, pod, query):
            yield pod, text
    reading.raise_if_in_vain()


async def _followed(
    reading: _Reading, find: Callable[[], Awaitable[list[Object]]], query: LogQuery
) -> AsyncGenerator[Line, None]:
    waiting: asyncio.Queue[Line] = asyncio.Queue(_AHEAD)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_keep_up(reading, find, query, waiting, tasks))
            while True:
                yield await waiting.get()
    except ExceptionGroup as group:
        known, others = group.split(OperatorError)
        if known is None or others is not None:
            raise
        raise known.exceptions[0] from None


async def _keep_up(
    reading: _Reading,
    find: Callable[[], Awaitable[list[Object]]],
    query: LogQuery,
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
                reading.going += 1
                tasks.create_task(_pump(reading, pod, query, waiting))
        query = LogQuery(follow=True)
        await reading.session.pause(_LOOK_SECONDS)


def _alive(pods: Iterable[Object]) -> list[Object]:
    return [pod for pod in pods if pod_view(pod).running]


async def _pump(reading: _Reading, pod: Object, query: LogQuery, waiting: asyncio.Queue[Line]) -> None:
    async for line in _guarded(reading, pod, query):
        await waiting.put((pod, line))
    reading.going -= 1
    reading.raise_if_in_vain()


async def _guarded(reading: _Reading, pod: Object, query: LogQuery) -> AsyncIterator[Any]:
    metadata = pod["metadata"]
    try:
        async for line in reading.session.cluster.log(metadata["namespace"], metadata["name"], query):
            reading.told = True
            yield line
        reading.told = True  # it has said nothing, and that is read
    except OperatorError as error:
        reading.error = error
        reading.failed(pod, str(error))
