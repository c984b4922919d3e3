"""Answers for every pod at once: each address of the pods' network is this machine's own, and each has the same ledger.

The ledger is a capture's and a stage's in one, so that nobody has to know which pod has which address: frames of the
one camera entered, went on, and ended well, more at every reading. Runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final

from frame_tracking import CAPTURE_HOP, HopCount, Ledger, SpanCount
from frame_tracking.ledger import BrokerState, CameraState
from frametrace_api.contract import HTTP_PORT

from scripts.bench.operator_scale_parts.fleet import CAMERA, STAGE

__all__ = ["answer"]

_STARTED: Final = time.time()
_FRAMES_PER_SECOND: Final = 30


def answer(now: float) -> bytes:
    """A whole HTTP answer with the ledger as it is now."""
    frames = int((now - _STARTED) * _FRAMES_PER_SECOND) + 1
    hops = (
        HopCount(camera=CAMERA, hop=CAPTURE_HOP, session="aaaaa", entered=frames, left=frames, last_frame=now),
        HopCount(
            camera=CAMERA, hop=STAGE, session="aaaaa", entered=frames, ended={"completed": frames}, last_frame=now
        ),
    )
    ledger = Ledger(
        pipeline="any",
        service="any",
        pod="any",
        revision="r",
        started=_STARTED,
        hops=hops,
        spans=SpanCount(created=frames, exported=frames),
        cameras=(CameraState(id=CAMERA, connected=True),),
        broker=BrokerState(connected=True),
    )
    body = ledger.model_dump_json().encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class _Connection(asyncio.Protocol):
    """Answers each request, of which none has a body."""

    latest: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            self._received = self._received.partition(b"\r\n\r\n")[2]
            self._transport.write(_Connection.latest)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "0.0.0.0", HTTP_PORT, backlog=4096)  # noqa: S104 - the namespace is the benchmark's own
    print("ready", flush=True)
    async with server:
        while True:
            _Connection.latest = answer(time.time())
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
