"""The list of benchmarks: what each figure says, in the page's order. A benchmark's command is `scripts/bench/<name>.py`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BENCHMARKS", "Benchmark"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: the command's, without `.py`.
        what: what is measured, in a reader's words.
        limit_seconds: a whole run counts as failed after that.
    """

    name: str
    what: str
    limit_seconds: int = 1800

    @property
    def command(self) -> str:
        """How it is run, from the repository's root."""
        return f"scripts/bench/{self.name}.py"


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark("overhead", "Tracing's share of the processor time of capture and stages, everything sampled"),
    Benchmark("span_cost", "Processor time of one frame's built-in spans, against the stock SDK and exporter"),
    Benchmark("latency", "What tracing adds to a hop's latency"),
    Benchmark("capture", "Processor time of a captured frame, against the ffmpeg command line"),
    Benchmark("throughput", "Frames a second through Redis, traced, against a bare redis-py loop with the same bytes"),
    Benchmark("completeness", "Frames whose traces are complete, on each transport", 3600),
    Benchmark(
        "no_loss", "Frames of which nobody can tell what became, with processes killed and brokers restarted", 5400
    ),
)
