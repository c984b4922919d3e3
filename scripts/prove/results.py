"""Keeps the proofs' results: one JSON file in the documentation, and the page made of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.prove.proofs import PROOFS

__all__ = ["Result", "commit", "load", "machine", "save"]

ROOT = Path(__file__).resolve().parents[2]
_DATA = ROOT / "docs/reference/proofs.json"
_PAGE = ROOT / "docs/reference/proofs.md"


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


def commit() -> str:
    """Return the commit that is checked out, marked `+` when there are uncommitted changes to tracked files."""
    head = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", ":!docs/reference"], cwd=ROOT, check=False)
    return head.stdout.strip() + ("+" if changed.returncode else "")


def machine() -> str:
    """Describe this machine: architecture, cores, memory, kernel."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def load() -> dict[str, Result]:
    """Read the kept results, by proof."""
    if not _DATA.exists():
        return {}
    return {item["name"]: Result(**item) for item in json.loads(_DATA.read_text())}


def save(result: Result) -> None:
    """Keep a result in place of the proof's former one, and write the page again."""
    results = {**load(), result.name: result}
    ordered = [results[proof.name] for proof in PROOFS if proof.name in results]
    _DATA.write_text(json.dumps([asdict(item) for item in ordered], indent=2) + "\n")
    claims = {proof.name: proof.claim for proof in PROOFS}
    lines = ["# Proofs", "", "Written by `make prove`; not edited by hand.", ""]
    lines += [
        "| proof | claim | shown | figure | bar | commit | machine | finished |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for item in ordered:
        figure, bar = json.dumps(item.outcome.get("figure")), json.dumps(item.outcome.get("bar"))
        shown = "yes" if item.ok else "**no**"
        cells = (item.name, claims[item.name], shown, figure, bar, item.commit, item.machine, item.finished)
        lines.append("| " + " | ".join(cells) + " |")
    _PAGE.write_text("\n".join(lines) + "\n")
