#!/usr/bin/env python3
"""Time and memory of the trace analyzer over 1,000,000 spans: of a saved file, and of a Jaeger with badger."""

import bootstrap  # type: ignore[import-not-found]  # noqa: F401  # isort: skip - first of all: the right Python, and the repository importable

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.bench.frame_spans import SPANS_OF_A_FRAME
from scripts.bench.stored_frames import StoredFrames, fill_file
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.jaeger import JaegerServer

BAR_MB = 500.0
ANALYZER = Path(__file__).resolve().parents[1] / "trace_analyzer.py"


def analysed(arguments: list[str], folder: Path, spans: int) -> tuple[float, float]:
    """Analyse; return the seconds that it took and the most memory that it had, in megabytes (10**6 bytes).

    Raises:
        RuntimeError: if it fails, or does not find every frame's journey whole.
    """
    answer = folder / "answer.json"
    begun = time.monotonic()
    with answer.open("wb") as file:
        command = [sys.executable, str(ANALYZER), "completeness", "--json", *arguments]
        process = subprocess.Popen(command, stdout=file)
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    seconds = time.monotonic() - begun
    if process.returncode:
        raise RuntimeError(f"the analyzer ended with {process.returncode}")
    found = json.loads(answer.read_bytes())
    frames = spans // SPANS_OF_A_FRAME
    judged = found["completeness"]
    if (found["spans"], judged["frames"], judged["complete"]) != (spans, frames, frames):
        raise RuntimeError(
            f"{found['spans']} of {spans} spans were read, {judged['complete']} of {frames} frames are complete"
        )
    return seconds, used.ru_maxrss * 1024 / 1e6


def main() -> int:
    """Measure both."""
    arguments = parser(__doc__ or "").parse_args()
    spans = 30_000 if arguments.quick else 1_000_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        saved = folder / "spans.jsonl"
        fill_file(saved, spans)
        file_seconds, file_mb = analysed(["--spans", str(saved)], folder, spans)
        print(f"file: {file_seconds:.1f} s, {file_mb:.0f} MB", flush=True)
        server = JaegerServer(folder, badger=True)
        try:
            StoredFrames(server.otlp_url, server.query_url).add(spans)
            jaeger_seconds, jaeger_mb = analysed(["--jaeger", server.query_url], folder, spans)
        finally:
            server.stop()
    worst = max(file_mb, jaeger_mb)
    return conclude(
        Verdict(
            name="analyzer",
            figure=worst,
            unit="MB",
            bar=f"peak memory <= {BAR_MB:g} MB",
            ok=worst <= BAR_MB,
            case=f"{spans:,} spans, all of each analysed",
            quick=arguments.quick,
            details={
                "file_seconds": round(file_seconds, 1),
                "file_mb": round(file_mb),
                "jaeger_seconds": round(jaeger_seconds, 1),
                "jaeger_mb": round(jaeger_mb),
            },
        )
    )


if __name__ == "__main__":
    sys.exit(main())
