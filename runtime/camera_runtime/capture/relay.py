"""The only way from FFmpeg to a camera: a loopback port of ours, joined to the one connection that we dialled.

FFmpeg follows redirects, and answers the next host's demand for a login with the first camera's password; no option
stops it. So it dials this relay, which looks at every answer until the stream plays and cuts the connection at any
3xx. FFmpeg never opens another connection: addresses in the camera's answers (`Content-Base`, `a=control`) only name
resources on this one. After PLAY bytes are passed on untouched; only missing packets are counted. One connection, one
thread.
"""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import threading
from typing import Final

from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.rtp_gaps import RtpGaps
from camera_runtime.capture.rtsp_messages import Message, MessageReader, ProtocolError

__all__ = ["Relay"]

_CHUNK: Final = 64 * 1024
_SILENCE_MS: Final = 8_000
_REQUEST_END: Final = b"\r\n\r\n"
_PLAY: Final = re.compile(rb"PLAY .*?\r\nCSeq: *([0-9]+)\r\n", re.DOTALL)
_MAX_REQUEST: Final = 64 * 1024
_PROBLEMS: Final = {401: Problem.UNAUTHORIZED, 403: Problem.UNAUTHORIZED, 404: Problem.NOT_FOUND}
_REDIRECTS: Final = range(300, 400)
_ERRORS: Final = range(400, 600)
_OK: Final = 200


class Relay:
    """Joins FFmpeg to `upstream`, which it owns from now on.

    Args:
        upstream: a connection to the camera, plain or TLS.
    """

    def __init__(self, upstream: socket.socket) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._port = int(self._listener.getsockname()[1])
        self._local: socket.socket | None = None
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._waking = threading.Lock()
        self._answers = MessageReader()
        self._requests = bytearray()
        self._play_cseq: int | None = None
        self._playing = False
        self._problem: SourceError | None = None
        self._gaps = RtpGaps()
        self._buffer = memoryview(bytearray(_CHUNK))
        self._thread = threading.Thread(target=self._run, name="camera-relay", daemon=True)

    @property
    def port(self) -> int:
        """Where FFmpeg connects to, on 127.0.0.1."""
        return self._port

    @property
    def problem(self) -> SourceError | None:
        """What the relay saw go wrong; better than FFmpeg's own word."""
        return self._problem

    @property
    def lost_packets(self) -> int:
        """How many RTP packets the camera's stream lacks so far."""
        return self._gaps.lost

    def start(self) -> None:
        """Begin to wait for FFmpeg."""
        self._thread.start()

    def abort(self) -> None:
        """Cut the connection; FFmpeg's read ends soon. From any thread, any number of times."""
        with self._waking:  # or another thread's `close` might give the number to another file meanwhile
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Cut the connection and wait until all is released."""
        self.abort()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
        self._release()
        with self._waking:
            wake, self._wake = self._wake, -1
            if wake >= 0:
                os.close(wake)

    def _run(self) -> None:
        try:
            if self._wait(self._listener):
                self._local, _ = self._listener.accept()
                self._listener.close()
                self._pump(self._local)
        except ProtocolError as error:
            self._fail(Problem.INVALID_STREAM, f"the camera's answers are refused: {error}")
        except TimeoutError:
            self._fail(Problem.SILENT, "the camera takes or sends nothing")
        except OSError as error:
            self._fail(Problem.CLOSED, f"the connection to the camera broke: {error.strerror or type(error).__name__}")
        finally:
            self._release()

    def _wait(self, readable: socket.socket) -> bool:
        """Wait until there is something to read; False if the relay was told to end."""
        poller = select.poll()
        poller.register(readable, select.POLLIN)
        poller.register(self._wake, select.POLLIN)
        ready = {fd for fd, _ in poller.poll(_SILENCE_MS)}
        return self._wake not in ready and bool(ready)

    def _pump(self, local: socket.socket) -> None:
        for side in (local, self._upstream):
            side.settimeout(_SILENCE_MS / 1000)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poller = select.poll()
        for each in (self._wake, local.fileno(), self._upstream.fileno()):
            poller.register(each, select.POLLIN)
        upstream_fd, wake, going = self._upstream.fileno(), self._wake, True
        while going:
            ready = [fd for fd, _ in poller.poll(_SILENCE_MS)]
            if not ready:
                raise TimeoutError
            if wake in ready:
                return
            going = all(self._downward(local) if fd == upstream_fd else self._upward(local) for fd in ready)

    def _downward(self, local: socket.socket) -> bool:
        """Pass on what the camera sent; False at its end."""
        while True:
            count = self._receive()
            if count is None:
                return True
            if not count:
                self._fail(Problem.CLOSED, "the camera closed the connection")
                return False
            try:
                if not self._pass_on(local, self._buffer[:count]):
                    return False
            except ConnectionError:  # FFmpeg hung up: that is no fault of the camera's
                return False
            if not isinstance(self._upstream, ssl.SSLSocket) or not self._upstream.pending():
                return True

    def _pass_on(self, local: socket.socket, data: memoryview) -> bool:
        if not self._playing:
            return self._inspect(local, data)
        local.sendall(data)
        self._gaps.feed(data)
        return True

    def _receive(self) -> int | None:
        """Read from the camera; None where what came was TLS's own business, such as a session ticket.

        Waiting for the camera's next word then would keep FFmpeg's request, which it waits for, from it.
        """
        if not isinstance(self._upstream, ssl.SSLSocket):
            return self._upstream.recv_into(self._buffer)
        self._upstream.settimeout(0)
        try:
            return self._upstream.recv_into(self._buffer)
        except ssl.SSLWantReadError:
            return None
        finally:
            self._upstream.settimeout(_SILENCE_MS / 1000)

    def _inspect(self, local: socket.socket, data: memoryview) -> bool:
        for message in self._answers.feed(data):
            if message.status in _REDIRECTS:
                self._fail(Problem.REDIRECTED, f"the camera redirects elsewhere (RTSP {message.status}): refused")
                return False
            self._note(message)
            local.sendall(message.data)
            if self._playing:
                rest = self._answers.rest()
                local.sendall(rest)
                self._gaps.feed(memoryview(rest))
                break
        return True

    def _note(self, message: Message) -> None:
        if message.status in _ERRORS:
            problem = _PROBLEMS.get(message.status, Problem.INVALID_STREAM)
            self._problem = SourceError(problem, f"the camera answers RTSP {message.status}")
        elif message.status:
            self._problem = None
        self._playing = message.status == _OK and message.cseq == self._play_cseq

    def _upward(self, local: socket.socket) -> bool:
        """Pass on what FFmpeg sent; False when it hung up."""
        try:
            count = local.recv_into(self._buffer)
        except ConnectionError:
            return False
        if not self._playing:
            self._requests += self._buffer[:count]
            self._look_for_play()
        self._upstream.sendall(self._buffer[:count])
        return count > 0

    def _look_for_play(self) -> None:
        while (end := self._requests.find(_REQUEST_END)) >= 0:
            play = _PLAY.match(self._requests[: end + len(_REQUEST_END)])
            if play:
                self._play_cseq = int(play[1])
            del self._requests[: end + len(_REQUEST_END)]
        if len(self._requests) > _MAX_REQUEST:
            raise ProtocolError("a request without an end")

    def _fail(self, problem: Problem, detail: str) -> None:
        if self._problem is None or problem is Problem.REDIRECTED:
            self._problem = SourceError(problem, detail)

    def _release(self) -> None:
        for side in (self._listener, self._local, self._upstream):
            if side is not None:
                side.close()
