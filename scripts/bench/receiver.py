"""An OTLP/HTTP receiver in a process of its own, whose CPU time is nobody's here: answers yes to everything it is sent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["running_receiver"]

_PROGRAM = """
import socketserver, sys
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while (line := self.rfile.readline()):
            length = 0
            while (line := self.rfile.readline()) not in (b"\\r\\n", b"\\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: application/x-protobuf\\r\\nContent-Length: 0\\r\\n\\r\\n")
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


@contextmanager
def running_receiver() -> Iterator[str]:
    """Run one; yields its URL, as `OTEL_EXPORTER_OTLP_ENDPOINT` takes it."""
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("the receiver has no output")
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
