"""The benchmarks' page is made of kept results, and every command in scripts/bench is in the list."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.__main__ import measure
from scripts.bench.benchmarks import BENCHMARKS, Benchmark
from scripts.bench.page import keep_result, machine_and_versions, render
from scripts.prove.results import ROOT, Result, load


def _result(name: str, **outcome: object) -> Result:
    return Result(name, "abc", "a machine", "2026-01-01T00:00:00+00:00", 7, outcome.get("ok") is True, outcome)


def test_a_result_is_kept_and_shown(tmp_path: Path) -> None:
    data, page = tmp_path / "benchmarks.json", tmp_path / "benchmarks.md"
    found = _result("throughput", figure=0.81, unit="x", bar=">= 0.7 x", ok=True, interval=[0.8, 0.82], case="80 pairs")

    keep_result(_result("no_loss", figure=1, unit="frames", bar="= 0", ok=False), data, page)
    keep_result(found, data, page)

    assert load(data)["throughput"] == found
    assert page.read_text() == render(load(data))
    rows = [line for line in page.read_text().splitlines() if line.startswith("| Frames")]
    assert rows[0].endswith("| 0.81 x | 0.8 to 0.82 | >= 0.7 x | yes | 80 pairs | `scripts/bench/throughput.py` |")
    assert "| **no** |" in rows[1]


def test_every_command_is_in_the_list() -> None:
    commands = {path.stem for path in (ROOT / "scripts/bench").glob("*.py") if "import bootstrap" in path.read_text()}

    assert commands <= {benchmark.name for benchmark in BENCHMARKS}


def test_the_machine_is_told() -> None:
    told = machine_and_versions()

    assert "cores" in told
    assert "Python 3" in told
    assert "opentelemetry-sdk" in told


def test_a_benchmark_without_a_command_has_failed() -> None:
    result = measure(Benchmark("there-is-none", "nothing"), quick=True)

    assert (result.ok, result.outcome["bar"]) == (False, None)
