"""A journey page as a process of this machine, as its pod runs it: `python -m camera_runtime page`."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from frametrace_api.contract import LiveContract, PageContract

from scripts.servers.processes import free_port, stop, wait_for

__all__ = ["PageServer"]

_ROOT = Path(__file__).resolve().parents[2]


class PageServer:
    """A page; `.url` is where it answers on loopback.

    Args:
        folder: for its contracts and its log.
        contract: what it shows.
        live: the pipeline as it is now.
    """

    def __init__(self, folder: Path, contract: PageContract, live: LiveContract) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "page.log"
        config, live_file = folder / "page.json", folder / "page-live.json"
        config.write_text(contract.model_dump_json())
        live_file.write_text(live.model_dump_json())
        command = [sys.executable, "-m", "camera_runtime", "page", "--port", str(port)]
        command += ["--config", str(config), "--live", str(live_file)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=_ROOT, env={**os.environ}, stdout=log, stderr=log)
        wait_for(lambda: self.get("/readyz")[0] == 200, f"the journey page, see {self.log}")  # noqa: PLR2004 - OK

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of an answer; (0, b"") if there is none."""
        try:
            request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - loopback
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def stop(self) -> int:
        """End it; returns its exit code."""
        return stop(self._process)
