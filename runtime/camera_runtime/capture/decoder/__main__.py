"""Command line of the decoder's process: `python -m camera_runtime.capture.decoder <socket> <memory>`, by its parent only.

Credentials come over the socket. From the first job on nothing is written to standard error any more: what a fault
would show there may hold them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from typing import Final

from camera_runtime.capture.decoder.messages import OUT_OF_MEMORY
from camera_runtime.capture.decoder.work import work

__all__ = ["main"]

_PR_SET_PDEATHSIG: Final = 1
_STDERR: Final = 2


def main() -> None:
    """Work until the parent hangs up or ends."""
    parent, memory, parent_pid = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
    _end_with(parent_pid)
    null = os.open(os.devnull, os.O_WRONLY)
    parent.recv(1, socket.MSG_PEEK)
    os.dup2(null, _STDERR)
    try:
        work(parent, memory)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _end_with(parent_pid: int) -> None:
    """End when the parent does, even if it is killed while this process hangs in a decoder."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it ended before that
        sys.exit()


if __name__ == "__main__":
    main()
