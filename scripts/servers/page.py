"""A journey page as a process of this machine, as its pod runs it: `python -m camera_runtime page`."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from frametrace_api.contract import LiveContract, PageContract

from scripts.servers.processes import await_server, free_port, stop

__all__ = ["PageServer", "fetch"]

_ROOT = Path(__file__).resolve().parents[2]


def fetch(url: str, seconds: float, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Return status and body of what a loopback URL answers in so many seconds; (0, b"") if there is no answer."""
    try:
        request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


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
        await_server(self._process, lambda: self.get("/readyz")[0] == HTTPStatus.OK, "the journey page", self.log)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of an answer; (0, b"") if there is none."""
        return fetch(self.url + path, 60, headers)

    def stop(self) -> int:
        """End it; returns its exit code."""
        return stop(self._process)
