"""Log lines for people: the process's JSON lines, one short line each, above the live summary."""

from __future__ import annotations

import json
from io import TextIOBase
from typing import Final

from rich.console import Console

from camera_runtime.cli.output import styled

__all__ = ["LogLines"]

_LEFT_OUT: Final = {"event", "level", "logger", "service", "timestamp", "exception", "frame_id", "trace_id"}


class LogLines(TextIOBase):
    """A stream that `telemetry.set_up_logs` writes to."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> int:
        """Print each JSON line of `text`."""
        for line in text.splitlines():
            self._print(line)
        return len(text)

    def _print(self, line: str) -> None:
        try:
            event = json.loads(line)
            level, said = str(event["level"]), str(event["event"])
        except (ValueError, KeyError, TypeError):
            return
        more = ", ".join(f"{key}: {value}" for key, value in event.items() if key not in _LEFT_OUT)
        if fault := str(event.get("exception", "")).strip().splitlines():
            more = f"{more}; {fault[-1]}" if more else fault[-1]
        self._console.print(styled((f"{level}: ", "yellow"), (f"{said}{f' ({more})' if more else ''}", "")))
