"""Answers for every pod and Jaeger at once: each address of the pods' network is this machine's own, and each says the same.

The ledger is a capture's and a stage's in one, so that nobody has to know which pod has which address: frames of the
one camera entered, went on, and ended well, more at every reading; it names none of them, so nobody looks for their
traces, and Jaeger says of each that it has none. Runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final

from frame_tracking import CAPTURE_HOP, HopCount, Ledger, SpanCount
from frame_tracking.ledger import BrokerState, CameraState
from frametrace_api.contract import HTTP_PORT

from scripts.bench.operator_scale_parts.fleet import CAMERA, QUERY_PORT, STAGE

__all__ = ["answer"]

_STARTED: Final = time.time()
_FRAMES_PER_SECOND: Final = 30
_ANY: Final = "0.0.0.0"  # noqa: S104 - the namespace is the benchmark's own


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
    return _written("200 OK", ledger.model_dump_json().encode())


def _written(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status.encode(),
        len(body),
        body,
    )


_NO_TRACE: Final = _written("404 Not Found", b'{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}')


class _Connection(asyncio.Protocol):
    """Answers each request, of which none has a body."""

    def __init__(self, latest: Callable[[], bytes]) -> None:
        self._latest = latest

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            self._received = self._received.partition(b"\r\n\r\n")[2]
            self._transport.write(self._latest())


async def _serve() -> None:
    latest = [answer(time.time())]
    loop = asyncio.get_running_loop()
    pods = await loop.create_server(lambda: _Connection(lambda: latest[0]), _ANY, HTTP_PORT, backlog=4096)
    jaegers = await loop.create_server(lambda: _Connection(lambda: _NO_TRACE), _ANY, QUERY_PORT, backlog=4096)
    print("ready", flush=True)
    async with pods, jaegers:
        while True:
            latest[0] = answer(time.time())
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
