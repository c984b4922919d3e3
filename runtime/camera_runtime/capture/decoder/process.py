"""One decoder's process, from its parent's side: start, give a job, hear, kill."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import Final

from camera_runtime.capture.decoder.job import Job
from camera_runtime.capture.decoder.limits import DecoderLimits
from camera_runtime.capture.decoder.messages import MOST_BYTES, OUT_OF_MEMORY, Failed, Layout, Opened, decode
from camera_runtime.capture.decoder.ring import RingReader, new_memory
from camera_runtime.capture.events import Event
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["DecoderProcess"]

_MODULE: Final = "camera_runtime.capture.decoder"
_KEPT_VARIABLES: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "PYTHONDONTWRITEBYTECODE",
)
_FEW_THREADS: Final = {"OPENBLAS_NUM_THREADS": "1"}  # NumPy's library would start one a core, and their memory
_SILENCE_SECONDS: Final = 8.0
_WAIT_SECONDS: Final = 2.0


class DecoderProcess:
    """A child process. One thread uses it; `kill` may be called by any other.

    Args:
        limits: what it may use.

    Raises:
        OSError: if it cannot be started, or its limits do not take effect.
    """

    def __init__(self, limits: DecoderLimits) -> None:
        self._limits = limits
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        memory = new_memory()
        self._ring = RingReader(memory)
        self._killed = False
        passed = (theirs.fileno(), memory)
        command = [sys.executable, "-m", _MODULE, *map(str, passed), str(os.getpid())]
        # Its environment holds no secret, and a Ctrl-C at the terminal is its parent's business.
        environment = _FEW_THREADS | {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=passed, env=environment,
                start_new_session=True,
            )  # fmt: skip
        try:
            limits.apply(self._process.pid)
        except OSError:
            self.end()
            raise
        self._ours.settimeout(_SILENCE_SECONDS)

    @property
    def pid(self) -> int:
        """Its process ID."""
        return self._process.pid

    def begin(self, job: Job) -> None:
        """Give it a job.

        Raises:
            SourceError: if it has ended.
        """
        self._limits.renew_cpu(self.pid)
        try:
            self._ours.send(job.to_bytes())
        except OSError:
            raise self._ended() from None

    def hear(self) -> Event | Opened | Failed:
        """Wait for what it says next.

        Raises:
            SourceError: if it ended, was killed, says nothing for too long, or says what cannot be.
        """
        while True:
            try:
                data = self._ours.recv(MOST_BYTES)
                message = decode(data, self._ring.take) if data else None
                if message is None:
                    raise self._ended()
                if not isinstance(message, Layout):
                    return message
                self._ring.fit(message.slot_size, message.slots)
            except TimeoutError:
                raise SourceError(Problem.SILENT, f"the decoder said nothing for {_SILENCE_SECONDS:g} s") from None
            except ConnectionError:
                raise self._ended() from None
            except ValueError as error:
                raise SourceError(Problem.DECODER, f"the decoder says what cannot be: {error}") from None

    def progressed(self) -> None:
        """It gave a sign of progress: its CPU time counts anew."""
        self._limits.renew_cpu(self.pid)

    def kill(self) -> None:
        """End it at once, whatever it hangs in. From any thread, any number of times."""
        self._killed = True
        self._process.kill()

    def end(self) -> None:
        """End it and let go of all that it had."""
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_WAIT_SECONDS)
        self._ours.close()
        self._ring.close()

    def _ended(self) -> SourceError:
        """Say why it is no more."""
        try:
            code = self._process.wait(_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            return SourceError(Problem.DECODER, "the decoder hung up")
        if self._killed:
            return SourceError(Problem.SILENT, "the connection was broken: no picture came for too long")
        if code == -signal.SIGXCPU:
            limit = self._limits.cpu_seconds
            return SourceError(Problem.EXCESSIVE, f"the stream needs more than {limit} s of CPU time for one picture")
        if code == OUT_OF_MEMORY:
            return SourceError(Problem.EXCESSIVE, "the stream needs more memory than a decoder may have")
        why = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return SourceError(Problem.DECODER, f"the decoder ended by {why}")
