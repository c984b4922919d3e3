"""A TCP relay on loopback that can fall silent: packets stop, and nobody is told. Knows nothing of what it carries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

__all__ = ["Relay", "relay_to"]

_PIECE = 1 << 16


class Relay:
    """Connections to one address. `silence` stops all that there are, for good; `mute` stops new ones, too, for a while."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._generation = 0
        self._speaking = asyncio.Event()
        self._speaking.set()
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0
        self.opened = 0
        """Connections so far."""

    def silence(self) -> None:
        """From now on nothing passes on the connections that there are, in either direction; new ones work."""
        self._generation += 1

    def mute(self) -> None:
        """From now on nothing passes on any connection, until `unmute`."""
        self._speaking.clear()

    def unmute(self) -> None:
        """What was held back passes, but on connections that `silence` stopped."""
        self._speaking.set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        self.opened += 1
        task = asyncio.ensure_future(self._both_ways(reader, writer, self._generation))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, generation: int) -> None:
        there, back = await asyncio.open_connection(*self._upstream)
        ways = (self._carry(reader, back, generation), self._carry(there, writer, generation))
        try:
            await asyncio.gather(*ways)
        finally:
            back.transport.abort()
            writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, generation: int) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(_PIECE):
                await self._speaking.wait()
                await self._hold(generation)
                sink.write(piece)
                await sink.drain()
        await self._hold(generation)
        sink.close()

    async def _hold(self, generation: int) -> None:
        """Keep what comes on a silenced connection: its end, too, is told to nobody."""
        if generation != self._generation:
            await asyncio.Event().wait()

    async def close(self) -> None:
        """End all connections."""
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)


@asynccontextmanager
async def relay_to(url: str) -> AsyncIterator[Relay]:
    """A relay to a URL's host and port; its own address is 127.0.0.1 and `port`."""
    address = urlsplit(url)
    relay = Relay(address.hostname or "", address.port or 443)
    server = await asyncio.start_server(relay.connected, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
