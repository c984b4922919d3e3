"""A Git repository of this machine, as a team keeps it: the chart, and a folder of pipelines."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Repository"]

_CHART = Path(__file__).resolve().parents[3] / "charts" / "frametrace"


class Repository:
    """The repository in this folder, with its first commit: the chart as it stands in this checkout."""

    def __init__(self, folder: Path) -> None:
        self.url = f"file://{folder}"
        self._folder = folder
        shutil.copytree(_CHART, folder / "charts" / "frametrace")
        self._git("init", "--quiet", "--initial-branch=main")
        self.commit("The chart")

    def write(self, path: str, *bodies: dict[str, Any]) -> Path:
        """Write objects into a file; Argo CD does not see it before `commit`. Returns where the file is."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump_all(bodies, sort_keys=False), encoding="utf-8")
        return file

    def commit(self, message: str) -> str:
        """Commit all that was written; the commit's name."""
        self._git("add", "--all")
        self._git(
            "-c", "user.name=Team", "-c", "user.email=team@example.com", "commit", "--quiet", "--message", message
        )
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
