"""The benchmarks' kept results and the page that is made of them; run as a module it writes the page, or checks it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts.bench.benchmarks import BENCHMARKS
from scripts.cluster.pins import JAEGER_VERSION
from scripts.prove.results import ROOT, Result, keep, load, machine

__all__ = ["DATA", "PAGE", "keep_result", "machine_and_versions", "main", "render"]

DATA = ROOT / "docs/reference/benchmarks.json"
PAGE = ROOT / "docs/reference/benchmarks.md"
_HEAD = """# Benchmarks

Written by `make bench`; not edited by hand. Each command prints its result as the last line; `--quick` runs a smaller case.
"""


def machine_and_versions() -> str:
    """Describe this machine and what runs on it."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    parts = [machine(), model[1] if model else "unknown processor", f"Python {sys.version.split()[0]}"]
    parts += [f"{name} {version(name)}" for name in ("redis", "av", "opentelemetry-sdk")]
    parts += [f"Jaeger {JAEGER_VERSION}"]
    parts += [f"{package} {_debian(package)}" for package in ("redis-server", "rabbitmq-server", "ffmpeg")]
    return ", ".join(parts)


def keep_result(result: Result, data: Path = DATA, page: Path = PAGE) -> None:
    """Keep a result in place of the benchmark's former one, and write the page again."""
    keep(result, [benchmark.name for benchmark in BENCHMARKS], data)
    page.write_text(render(load(data)))


def render(results: Mapping[str, Result]) -> str:
    """Return the page."""
    lines = [_HEAD, "| what | figure | 95 % interval | bar | ok | case | command |", "|---|---|---|---|---|---|---|"]
    shown = [(benchmark, results[benchmark.name]) for benchmark in BENCHMARKS if benchmark.name in results]
    for benchmark, result in shown:
        lines.append("| " + " | ".join((benchmark.what, *_cells(result), f"`{benchmark.command}`")) + " |")
    for benchmark, result in shown:
        lines += ["", f"## {benchmark.name}", "", f"Commit {result.commit}, {result.finished}, {result.seconds} s."]
        lines += [f"{result.machine}.", ""]
        lines += ["```json", json.dumps(result.outcome.get("details", {}), indent=1), "```"]
    return "\n".join(lines) + "\n"


def _cells(result: Result) -> tuple[str, str, str, str, str]:
    outcome = result.outcome
    interval = outcome.get("interval")
    figure = f"{outcome.get('figure')} {outcome.get('unit', '')}".strip()
    between = f"{interval[0]} to {interval[1]}" if interval else ""
    return figure, between, str(outcome.get("bar")), "yes" if result.ok else "**no**", str(outcome.get("case", ""))


def _debian(package: str) -> str:
    command = ["dpkg-query", "--show", "--showformat=${Version}", package]
    found: Any = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout or "not installed"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is what its results render to."""
    wanted = render(load(DATA))
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text() != wanted:
            print(f"{PAGE.relative_to(ROOT)} is not what its results give: run scripts/generate.sh", file=sys.stderr)
            return 1
        return 0
    if DATA.exists():
        PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
