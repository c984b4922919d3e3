"""The demo as people run it: by its command line, on the local cluster, with a home directory to look after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Demo:
    """The command line, and what answers on this machine while the demo is up."""

    environment: dict[str, str]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scripts.demo", *arguments]
        env = {**self.environment, **environment}
        return subprocess.run(command, cwd=_ROOT, env=env, capture_output=True, text=True, check=False)

    def ask(self, url: str) -> Any:
        with urllib.request.urlopen(url, timeout=5) as response:
            return json.load(response)

    def until(self, what: str, look: Callable[[], Any], seconds: float = 60) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := look():
                    return found
            except OSError as error:
                what = f"{what.split(' (', maxsplit=1)[0]} ({error})"
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
            time.sleep(0.5)


@pytest.fixture(scope="session")
def demo(kubeconfig: Path) -> Demo:
    return Demo({name: value for name, value in os.environ.items() if name not in {"CONTEXT", "KUBECONFIG"}})


@pytest.fixture(scope="session")
def first_run(demo: Demo) -> subprocess.CompletedProcess[str]:
    return demo.run("up")


@pytest.fixture(scope="session")
def own_kubeconfig() -> str:
    """What is in the user's own kubeconfig before the demo runs."""
    own = Path.home() / ".kube" / "config"
    return own.read_text(encoding="utf-8") if own.exists() else "absent"


@pytest.fixture
def as_users_cluster(kubeconfig: Path, tmp_path: Path) -> dict[str, str]:
    """Environment that shows the local cluster as one of the user's own, behind a context of another name."""
    config = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    config["contexts"][0]["name"] = config["current-context"] = "mine"
    (tmp_path / "config").write_text(yaml.safe_dump(config), encoding="utf-8")
    return {"CONTEXT": "mine", "KUBECONFIG": str(tmp_path / "config")}
