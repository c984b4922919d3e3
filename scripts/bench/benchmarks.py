"""The list of benchmarks: what each figure says, in the page's order. A benchmark's command is mostly `scripts/bench/<name>.py`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BENCHMARKS", "Benchmark"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: mostly the command's, without `.py`.
        what: what is measured, in a reader's words.
        limit_seconds: a whole run counts as failed after that.
        arguments: the script's name and its arguments, where one script has several figures.
        quick_seconds: a run of the smaller case counts as failed after that.
    """

    name: str
    what: str
    limit_seconds: int = 1800
    arguments: tuple[str, ...] = ()
    quick_seconds: int = 120

    @property
    def command(self) -> str:
        """How it is run, from the repository's root."""
        return f"scripts/bench/{' '.join(self.arguments) or f'{self.name}.py'}"


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
    Benchmark("search", "Time to find a frame's journey with 1,000,000 spans stored, by trace ID and by tag", 14400),
    Benchmark(
        "analyzer",
        "The trace analyzer's memory over 1,000,000 spans, of a file, of a Jaeger and of its saved answer",
        5400,
    ),
    Benchmark("operator_scale", "1,000 pipelines from apply to Ready, on a real API server", 5400, quick_seconds=300),
    Benchmark(
        "operator_growth",
        "Growth of time and memory over 100, 300 and 1,000 pipelines ([plot](operator-scale.svg))",
        3600,
        ("operator_scale.py", "--sweep"),
        quick_seconds=300,
    ),
    Benchmark("guard_accuracy", "Lost traces as the guard measures them, against what a lossy proxy really lost", 3600),
    Benchmark(
        "guard_calm",
        "False alarms of lost traces: an hour of quiet, then a sick Jaeger, replaced pods and wrong clocks",
        7200,
        ("guard_accuracy.py", "--calm"),
    ),
    Benchmark("rollback", "From the first bad frame to the last pod without instrumentation", 5400, quick_seconds=300),
    Benchmark(
        "rollback_faults",
        "The same with the operator killed at a random moment, and the API server restarted",
        5400,
        ("rollback.py", "--faults"),
        quick_seconds=300,
    ),
    Benchmark(
        "rollback_recovery",
        "Returns that flap, of a pipeline that got well and of one that stays sick, in 20 minutes",
        1800,
        ("rollback.py", "--recovery"),
        quick_seconds=400,
    ),
)
