#!/usr/bin/env python3
"""Time and memory of the trace analyzer over 1,000,000 spans: of a span file, of a Jaeger with badger, and of its saved answer."""

import bootstrap  # type: ignore[import-not-found]  # noqa: F401  # isort: skip - first of all: the right Python, and the repository importable

import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from scripts.bench.frame_spans import SPANS_OF_A_FRAME
from scripts.bench.saved_answer import save_answer
from scripts.bench.stored_frames import StoredFrames, fill_file
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.jaeger import JaegerServer

BAR_MB = 500.0
_EVERY = 0.1
ANALYZER = Path(__file__).resolve().parents[1] / "trace_analyzer.py"


class Measured(NamedTuple):
    """The seconds that an analysis took, and the most memory that it had, in megabytes (10**6 bytes)."""

    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.megabytes:.0f} MB"


def analysed(arguments: list[str], folder: Path, spans: int) -> Measured:
    """Analyse, and measure it.

    Raises:
        RuntimeError: if it fails, or does not find every frame's journey whole.
    """
    answer = folder / "answer.json"
    begun = time.monotonic()
    with answer.open("wb") as file:
        command = [sys.executable, str(ANALYZER), "completeness", "--json", *arguments]
        process, peak = subprocess.Popen(command, stdout=file), 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        time.sleep(_EVERY)
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
    if not peak:
        raise RuntimeError("the analyzer's memory was not seen")
    return Measured(seconds, peak * 1024 / 1e6)


def _peak(pid: int) -> int:
    """The most memory that a process had, in KiB; 0 of one that has ended. Unlike `getrusage`, it leaves out what it was forked from."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def of_file(folder: Path, spans: int) -> Measured:
    """Measure a span file."""
    saved = folder / "spans.jsonl"
    fill_file(saved, spans)
    measured = analysed(["--spans", str(saved)], folder, spans)
    saved.unlink()
    return measured


def of_jaeger(folder: Path, spans: int) -> tuple[Measured, Measured]:
    """Measure a Jaeger with badger, and one document of all that it answers."""
    saved, begin = folder / "traces.json", datetime.now(UTC)
    server = JaegerServer(folder, badger=True)
    try:
        StoredFrames(server.otlp_url, server.query_url).add(spans)
        measured = analysed(["--jaeger", server.query_url, "--settle", "0"], folder, spans)
        save_answer(server.query_url, saved, begin)
    finally:
        server.stop()
    return measured, analysed(["--spans", str(saved)], folder, spans)


def main() -> int:
    """Measure all three."""
    arguments = parser(__doc__ or "").parse_args()
    spans = 30_000 if arguments.quick else 1_000_000
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = of_file(folder, spans)
        print(f"file: {file}", flush=True)
        jaeger, answer = of_jaeger(folder, spans)
        print(f"Jaeger: {jaeger}; its answer, saved: {answer}", flush=True)
    ways = {"file": file, "jaeger": jaeger, "answer": answer}
    worst = max(each.megabytes for each in ways.values())
    return conclude(
        Verdict(
            name="analyzer",
            figure=worst,
            unit="MB",
            bar=f"peak memory <= {BAR_MB:g} MB",
            ok=worst <= BAR_MB,
            case=f"{spans:,} spans, all of each analysed",
            quick=arguments.quick,
            details={f"{way}_seconds": round(each.seconds, 1) for way, each in ways.items()}
            | {f"{way}_mb": round(each.megabytes) for way, each in ways.items()},
        )
    )


if __name__ == "__main__":
    sys.exit(main())
