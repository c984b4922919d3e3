"""Forwards by `kubectl port-forward`: they work where network policies stop the API server's proxy, with kubectl's own login."""

import asyncio
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Final

from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.forward.base import Forward, ForwardError, OpenForward, Target
from frametrace_operator.redaction import redacted

__all__ = ["forward_by_kubectl"]

_STANDS: Final = re.compile(rb"Forwarding from 127\.0\.0\.1:(\d+) ")
_START_SECONDS: Final = 30.0
_END_SECONDS: Final = 5.0
_LONGEST: Final = 500


class _Forward:
    """A kubectl that forwards."""

    def __init__(self, process: Process, port: int, errors: "asyncio.Task[str]", rest: "asyncio.Task[None]") -> None:
        self.port = port
        self._process, self._errors, self._rest = process, errors, rest

    async def ended(self) -> str:
        """See `Forward.ended`."""
        await self._process.wait()
        return await self._errors


def forward_by_kubectl(connection: Connection, program: str = "kubectl") -> OpenForward:
    """Return what opens forwards to the cluster that a person means."""

    def open_forward(target: Target, port: int) -> AbstractAsyncContextManager[Forward]:
        return _forward(_command(connection, program, target, port))

    return open_forward


def _command(connection: Connection, program: str, target: Target, port: int) -> list[str]:
    """Return the command; where it can be had, its process ends with ours, however that ends."""
    leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    cluster = [f"--context={connection.context}"] if connection.context else []
    cluster += [f"--kubeconfig={connection.kubeconfig}"] if connection.kubeconfig else []
    place = ["--address=127.0.0.1", f"--namespace={target.namespace}", f"service/{target.service}"]
    return [*leash, program, "port-forward", *cluster, *place, f"{port or ''}:{target.port}"]


@asynccontextmanager
async def _forward(command: list[str]) -> AsyncIterator[Forward]:
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise ForwardError(f"kubectl cannot be run: {error.strerror}") from None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(_last_line(process.stderr))
    rest: asyncio.Task[None] | None = None
    try:
        port = await _port(process.stdout)
        if port is None:
            await _end(process)
            raise ForwardError(f"kubectl port-forward: {await errors}")
        rest = asyncio.create_task(_read_away(process.stdout))
        yield _Forward(process, port, errors, rest)
    finally:
        await _end(process)
        for task in filter(None, (errors, rest)):
            task.cancel()


async def _port(output: asyncio.StreamReader) -> int | None:
    """Return the port of this machine as soon as it is open; None if kubectl ends, or takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            async for line in output:
                if found := _STANDS.match(line):
                    return int(found[1])
    return None


async def _read_away(output: asyncio.StreamReader) -> None:
    """Read a line a connection, so that kubectl can go on writing."""
    async for _ in output:
        pass


async def _last_line(errors: asyncio.StreamReader) -> str:
    last = b""
    async for line in errors:
        last = line.strip() or last
    return redacted(last.decode("utf-8", "replace"))[:_LONGEST] or "it ended without a word"


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):  # it has just ended by itself
        process.terminate()
    try:
        async with asyncio.timeout(_END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
