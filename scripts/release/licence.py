"""The licence, beside everything that is given out by itself: a wheel and a chart's package hold what stands in their own folder.

``python -m scripts.release.licence`` writes the copies of LICENSE; ``--check`` tells which differ.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.reference.pages import keep
from scripts.release.version import ROOT

__all__ = ["copies", "main"]

_FOLDERS = ("crds", "runtime", "operator", "charts/frametrace")


def copies() -> dict[Path, str]:
    """Return every copy's text by its path."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return {ROOT / folder / "LICENSE": text for folder in _FOLDERS}


def main(arguments: list[str]) -> int:
    """Write the copies, or with ``--check`` tell whether they are current; returns the exit code."""
    return keep(copies(), "scripts.release.licence", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
