"""An RTSP server in a thread that does what a test tells it: few small pictures, sent as fast or as badly as wanted.

Speaks just enough RTSP and RTP (H.264, each NAL unit in one interleaved packet) for FFmpeg. Its pictures are encoded once.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count

import av
import numpy as np

__all__ = ["Plan", "TinyCamera", "giant_sps", "pictures"]

_CLOCK = 90_000
_HEAD = "RTSP/1.0 200 OK\r\nCSeq: {}\r\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a connection is given.

    Attributes:
        units: access units, each a sequence of NAL units; sent in turn, again and again.
        frames: how many of them before the connection is closed; None never ends.
        fps: how fast; 0 is as fast as can be.
        first_timestamp: of the RTP clock, which wraps at 2**32.
        sends: whether packet n is sent; those that are not leave a gap.
        parameters: SPS and PPS of the description; by default those of `units`.
        tracks: how many of them the description tells.
        slots: how many connections are served at the same time.
    """

    units: Sequence[Sequence[bytes]] = ()
    frames: int | None = None
    fps: float = 30.0
    first_timestamp: int = 0
    sends: Callable[[int], bool] = field(default=lambda _: True)
    parameters: Sequence[bytes] = ()
    tracks: int = 1
    slots: int = 100


class TinyCamera:
    """The server; `.url` leads to it, `.plan` may be changed between connections."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.connections = 0
        self.refused = 0
        self._served = 0
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/cam01"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname(), 1).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            connection, _ = self._listener.accept()
            self.connections += 1
            if self._served >= self.plan.slots:
                self.refused += 1
                connection.close()
                continue
            self._served += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (request := connection.recv(65536)) and not self._ended.is_set():
                    method, cseq = request.split(b" ", 1)[0], request.split(b"CSeq: ")[1].split(b"\r")[0].decode()
                    connection.sendall(self._reply(method.decode(), cseq))
                    if method == b"PLAY":
                        self._play(connection)
                        return
        finally:
            self._served -= 1

    def _reply(self, method: str, cseq: str) -> bytes:
        head = _HEAD.format(cseq)
        if method == "DESCRIBE":
            body = _description(self.plan)
            return f"{head}Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        if method == "SETUP":
            return f"{head}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n".encode()
        return f"{head}Session: 1\r\n\r\n".encode()

    def _play(self, connection: socket.socket) -> None:
        plan, packets = self.plan, count()
        for number in count() if plan.frames is None else range(plan.frames):
            if self._ended.is_set() or (plan.fps and self._ended.wait(1 / plan.fps)):
                return
            stamp = (plan.first_timestamp + number * _CLOCK // 30) % (1 << 32)
            data = b"".join(_packets(plan, plan.units[number % len(plan.units)], packets, stamp))
            connection.sendall(data)


@cache
def pictures(number: int = 30, size: tuple[int, int] = (320, 64)) -> tuple[tuple[bytes, ...], ...]:
    """Return access units of H.264 with a key frame each tenth, their NAL units without start codes.

    The top left corner is noise, the rest is flat, so that large ones fit into a packet too.
    """
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "keyint=10:repeat-headers=1"}
    encoder.framerate = 30
    noise = np.random.default_rng(1)
    units = []
    for _ in range(number):
        planes = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
        planes[:64, :320] = noise.integers(16, 235, (64, 320), np.uint8)
        units += encoder.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    units += encoder.encode(None)
    return tuple(_nal_units(bytes(unit)) for unit in units)


def giant_sps(width: int, height: int) -> bytes:
    """Return an SPS that announces pictures of a size in pixels (multiples of 16)."""
    fields = [0, 0, 0, 0, 1]  # sps id, log2_max_frame_num - 4, pic_order_cnt_type, log2_max_poc - 4, reference frames
    bits = "".join(map(_exp_golomb, fields)) + "0" + _exp_golomb(width // 16 - 1) + _exp_golomb(height // 16 - 1)
    bits += "1" + "1" + "0" + "0" + "1"  # frames only, direct 8x8, no cropping, no VUI, stop
    bits += "0" * (-len(bits) % 8)
    return bytes([0x67, 66, 0, 62]) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def _exp_golomb(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def _nal_units(unit: bytes) -> tuple[bytes, ...]:
    return tuple(part for part in unit.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if part)


def _packets(plan: Plan, unit: Sequence[bytes], numbers: Iterator[int], stamp: int) -> Iterator[bytes]:
    for place, nal in enumerate(unit):
        number = next(numbers)
        last = 0x80 if place == len(unit) - 1 else 0
        head = struct.pack(">BBHII", 0x80, last | 96, number % 65536, stamp, 7)
        if plan.sends(number):
            yield b"$\0" + struct.pack(">H", len(head) + len(nal)) + head + nal


def _description(plan: Plan) -> str:
    parameters = plan.parameters or [nal for nal in plan.units[0] if nal[0] & 31 in (7, 8)]
    shown = ",".join(base64.b64encode(nal).decode() for nal in parameters)
    track = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    first = f"{track}a=fmtp:96 packetization-mode=1;sprop-parameter-sets={shown}\r\na=control:track1\r\n"
    return "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + first + track * (plan.tracks - 1)
