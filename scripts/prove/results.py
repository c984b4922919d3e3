"""Keeps the proofs' results: one JSON file in the documentation, and the page made of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.prove.proofs import PROOFS

__all__ = ["ROOT", "Result", "commit", "keep", "load", "machine", "save"]

ROOT = Path(__file__).resolve().parents[2]
_DATA = ROOT / "docs/reference/proofs.json"
_PAGE = ROOT / "docs/reference/proofs.md"
_NOT_RESULTS = tuple(
    f":!docs/reference/{name}" for name in ("proofs.json", "proofs.md", "benchmarks.json", "benchmarks.md")
)


@dataclass(frozen=True, slots=True)
class Result:
    """One proof's result at one commit on one machine."""

    name: str
    commit: str
    machine: str
    finished: str
    seconds: int
    ok: bool
    outcome: dict[str, Any]


def commit(root: Path = ROOT) -> str:
    """Return the last commit that changed more than results, marked `+` when tracked files have uncommitted changes.

    So committing the results does not make them results of an older commit.
    """
    last = ("git", "log", "-1", "--format=%H", "--", ".", *_NOT_RESULTS)
    head = subprocess.run(last, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", *_NOT_RESULTS], cwd=root, check=False)
    return head[:12] + ("+" if changed.returncode else "")


def machine() -> str:
    """Describe this machine: architecture, cores, memory, kernel."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def load(data: Path = _DATA) -> dict[str, Result]:
    """Read the kept results, by proof."""
    if not data.exists():
        return {}
    return {item["name"]: Result(**item) for item in json.loads(data.read_text())}


def save(result: Result, data: Path = _DATA, page: Path = _PAGE) -> None:
    """Keep a result in place of the proof's former one, and write the page again; proofs that are no more go."""
    page.write_text(_text(keep(result, [proof.name for proof in PROOFS], data)))


def keep(result: Result, names: Sequence[str], data: Path) -> list[Result]:
    """Keep a result in place of its former one, in the order of `names`; return all. Others' are forgotten."""
    results = {**load(data), result.name: result}
    ordered = [results[name] for name in names if name in results]
    data.write_text(json.dumps([asdict(item) for item in ordered], indent=2) + "\n")
    return ordered


def _text(results: list[Result]) -> str:
    claims = {proof.name: proof.claim for proof in PROOFS}
    lines = ["# Proofs", "", "Written by `make prove`; not edited by hand.", ""]
    lines += [
        "| proof | claim | shown | figure | bar | commit | machine | finished |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for item in results:
        figure, bar = json.dumps(item.outcome.get("figure")), json.dumps(item.outcome.get("bar"))
        shown = "yes" if item.ok else "**no**"
        cells = (item.name, claims[item.name], shown, figure, bar, item.commit, item.machine, item.finished)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
