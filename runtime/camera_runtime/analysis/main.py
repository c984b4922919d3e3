"""Entry point of the trace analyzer."""

from __future__ import annotations

import sys

from camera_runtime.analysis.app import app
from camera_runtime.cli.main import ended
from camera_runtime.cli.running import run_typer

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run it; returns the exit code."""
    typed = sys.argv[1:] if arguments is None else arguments
    return ended(lambda: run_typer(app, "trace_analyzer.py", typed), "trace_analyzer")
