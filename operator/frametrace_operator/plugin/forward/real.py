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

_NO_PORT: Final = "Unable to listen on port "
"""Begins the line that has the reason, such as a port that is taken; the last one only says that there was one."""
_WAY_OUT: Final = "; name another port, or none: then a free one is taken"
_STANDS: Final = re.compile(rb"Forwarding from 127\.0\.0\.1:(\d+) ")
_NOTHING: Final = "it ended without a word"
_START_SECONDS: Final = 75.0
"""Longer than kubectl waits for a pod that runs: then its own word is heard."""
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
        return await self._errors or _NOTHING


def forward_by_kubectl(
    connection: Connection, program: str = "kubectl", start_seconds: float = _START_SECONDS
) -> OpenForward:
    """Return what opens forwards to the cluster that a person means; each has so long to connect."""

    def open_forward(target: Target, port: int) -> AbstractAsyncContextManager[Forward]:
        return _forward(_command(connection, program, target, port), start_seconds)

    return open_forward


def _command(connection: Connection, program: str, target: Target, port: int) -> list[str]:
    """Return the command; where it can be had, its process ends with ours, however that ends."""
    leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    cluster = [f"--context={connection.context}"] if connection.context else []
    cluster += [f"--kubeconfig={connection.kubeconfig}"] if connection.kubeconfig else []
    place = ["--address=127.0.0.1", f"--namespace={target.namespace}", f"service/{target.service}"]
    return [*leash, program, "port-forward", *cluster, *place, f"{port or ''}:{target.port}"]


@asynccontextmanager
async def _forward(command: list[str], start_seconds: float) -> AsyncIterator[Forward]:
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise ForwardError(f"kubectl cannot be run: {error.strerror}") from None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(_reason(process.stderr))
    rest: asyncio.Task[None] | None = None
    try:
        port = await _port(process.stdout, start_seconds)
        if port is None:
            silent = process.returncode is None and not process.stdout.at_eof()
            await _end(process)
            said = await errors
            raise ForwardError(_silence(start_seconds, said) if silent else f"kubectl port-forward: {said or _NOTHING}")
        rest = asyncio.create_task(_read_away(process.stdout))
        yield _Forward(process, port, errors, rest)
    finally:
        await _end(process)
        for task in filter(None, (errors, rest)):
            task.cancel()


async def _port(output: asyncio.StreamReader, seconds: float) -> int | None:
    """Return the port of this machine as soon as it is open; None if kubectl ends, or takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for line in output:
                if found := _STANDS.match(line):
                    return int(found[1])
    return None


async def _read_away(output: asyncio.StreamReader) -> None:
    """Read a line a connection, so that kubectl can go on writing."""
    async for _ in output:
        pass


def _silence(seconds: float, said: str) -> str:
    return f"kubectl port-forward did not connect in {seconds:g} s{f': {said}' if said else ''}"


async def _reason(errors: asyncio.StreamReader) -> str:
    """Return what kubectl said last, or why a port of this machine cannot be had; empty if it said nothing."""
    reason = ""
    async for line in errors:
        said = line.decode("utf-8", "replace").strip()
        if said and not reason.startswith(_NO_PORT):
            reason = said
    way_out = _WAY_OUT if reason.startswith(_NO_PORT) else ""
    return redacted(reason)[:_LONGEST] + way_out


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
