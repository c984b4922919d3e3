"""Writes dashboards/*.json: ``python -m scripts.dashboards``; ``--check`` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from scripts.dashboards.fleet import fleet
from scripts.dashboards.frame_tracking import frame_tracking
from scripts.reference.pages import keep

__all__ = ["FOLDER", "files", "main"]

FOLDER = Path(__file__).resolve().parents[2] / "dashboards"


def files() -> dict[Path, str]:
    """Return each file's text."""
    made = {"frame-tracking": frame_tracking(), "fleet": fleet()}
    return {
        FOLDER / f"{name}.json": json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
        for name, dashboard in made.items()
    }


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` tell whether they are current; returns the exit code."""
    return keep(files(), "scripts.dashboards", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
