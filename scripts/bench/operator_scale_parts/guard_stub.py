"""Answers for all pods and Jaegers of the operator's benchmarks, at every address of this machine. A process of its own.

Whose answer is wanted is told by the address that was asked: 127.1.x.x and, as `kwok.yaml` gives them out, 10.240.x.x are
captures, 127.2.x.x and 10.245.x.x are stages. 127.3.0.2 is the Jaeger of the sick pipelines, which lost some traces; that of
the healthy ones is everywhere else. `/counts` says what was asked for.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final
from urllib.parse import parse_qs, urlsplit

from frame_tracking import CAPTURE_HOP, FrameID

from scripts.bench.operator_scale_parts.fleet import STAGE
from scripts.bench.operator_scale_parts.guard_frames import frames, is_lost, ledger, trace, window_json

__all__ = ["HEALTHY", "SICK", "capture_address", "stage_address"]

HEALTHY: Final = "127.3.0.1"
SICK: Final = "127.3.0.2"
_HOPS: Final = {"127.1": CAPTURE_HOP, "10.240": CAPTURE_HOP, "127.2": STAGE, "10.245": STAGE}
_ANY: Final = "0.0.0.0"  # noqa: S104 - the benchmark's own network, or the loopback's many addresses
_REMEMBERED: Final = 300
"""Seconds for which a trace is known by its ID."""


def capture_address(number: int) -> str:
    """Where the capture of a pipeline answers."""
    return f"127.1.{number // 250}.{1 + number % 250}"


def stage_address(number: int) -> str:
    """Where its stage does."""
    return f"127.2.{number // 250}.{1 + number % 250}"


class Stub:
    """All answers, and what was asked."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._known: dict[str, FrameID] = {}
        self._until = int(time.time()) - _REMEMBERED

    def answer(self, address: str, target: str) -> tuple[int, bytes]:
        """Status and body."""
        path, query = urlsplit(target).path, urlsplit(target).query
        if path == "/counts":
            return 200, json.dumps(self.counts).encode()
        if path == "/ledger":
            return 200, self._ledger(_HOPS[".".join(address.split(".")[:2])], query)
        if path == "/api/traces":
            return 200, self._traces(address, parse_qs(query)["traceID"])
        self.counts["probes"] += 1
        return 404, b'{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}'

    def _ledger(self, hop: str, query: str) -> bytes:
        self.counts[f"{'windows' if query else 'ledgers'} of {hop}"] += 1
        asked = {key: int(value) for key, [value] in parse_qs(query).items()}
        told = window_json(asked["from"], asked["until"], asked["frames"], hop) if asked else "null"
        return ledger(time.time(), hop, told)

    def _traces(self, address: str, trace_ids: list[str]) -> bytes:
        self._remember()
        sick = address == SICK
        self.counts["traces of sick" if sick else "traces of healthy"] += len(trace_ids)
        known = [self._known[each] for each in trace_ids if each in self._known]
        wanted = [frame for frame in known if not (sick and is_lost(frame))]
        return f'{{"data":[{",".join(map(trace, wanted))}],"errors":[]}}'.encode()

    def _remember(self) -> None:
        now = int(time.time()) + 5
        if now > self._until:
            self._known.update((frame.trace_id, frame) for frame in frames(self._until, now))
            self._until = now
        oldest = len(self._known) - _REMEMBERED * 30
        for trace_id in list(self._known)[: max(0, oldest)]:
            del self._known[trace_id]


class _Connection(asyncio.Protocol):
    """Answers each request, of which none has a body."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._address = str(transport.get_extra_info("sockname")[0])

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            status, body = self._stub.answer(self._address, head.split(b" ", 2)[1].decode())
            top = f"HTTP/1.1 {status} Any\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(top.encode() + body)


async def _serve(ports: list[int]) -> None:
    stub, loop = Stub(), asyncio.get_running_loop()
    for port in ports:
        await loop.create_server(lambda: _Connection(stub), _ANY, port, backlog=4096)
    print("ready", flush=True)
    await loop.create_future()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve([int(port) for port in sys.argv[1:]])))
