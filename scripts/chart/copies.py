"""Files that stand in the chart as they stand elsewhere: rules and dashboards; helm reads nothing outside of a chart."""

from __future__ import annotations

from pathlib import Path

__all__ = ["copies", "drifted", "write_copies"]

_ROOT = Path(__file__).resolve().parents[2]
_FILES = _ROOT / "charts" / "frametrace" / "files"
_DASHBOARDS = _ROOT / "dashboards"


def copies() -> dict[Path, Path]:
    """Copy → original."""
    rules = {_FILES / "frametrace.rules.yaml": _DASHBOARDS / "rules" / "frametrace.rules.yaml"}
    return rules | {_FILES / "dashboards" / each.name: each for each in sorted(_DASHBOARDS.glob("*.json"))}


def drifted() -> list[Path]:
    """Copies that are missing, differ from their original, or have none."""
    wanted = copies()
    wrong = [
        copy for copy, original in wanted.items() if not copy.exists() or copy.read_bytes() != original.read_bytes()
    ]
    return wrong + [file for file in sorted(_FILES.rglob("*")) if file.is_file() and file not in wanted]


def write_copies() -> None:
    """Write them all, and remove those whose original is gone."""
    for copy, original in copies().items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(original.read_bytes())
    for file in drifted():
        file.unlink()
