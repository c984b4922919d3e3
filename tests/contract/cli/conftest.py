"""`frametrace` as its users run it: a process of its own, in a directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "local.yaml"


@dataclass(frozen=True, slots=True)
class Frametrace:
    """The command, with what it makes in `folder`."""

    folder: Path

    @property
    def spans(self) -> Path:
        return self.folder / "frametrace.jsonl"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "camera_runtime.cli.main", *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "OTEL_BSP_SCHEDULE_DELAY": "200", **more}

    def run(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run a command; its standard output. A traceback is never right."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def resource(self, **spec: object) -> str:
        """Write the example with another spec; its path."""
        body = yaml.safe_load(EXAMPLE.read_text())
        body["spec"] |= spec
        path = self.folder / "camera.yaml"
        path.write_text(yaml.safe_dump(body))
        return str(path)


@pytest.fixture
def frametrace(tmp_path: Path) -> Frametrace:
    return Frametrace(tmp_path)


@pytest.fixture(scope="session")
def example() -> str:
    return str(EXAMPLE)
