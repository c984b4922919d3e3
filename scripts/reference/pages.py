"""Writing and checking generated pages."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["REFERENCE", "keep"]

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def keep(files: Mapping[Path, str], made_by: str, *, check: bool) -> int:
    """Write files, or tell which of them are not what they should be; returns the exit code."""
    if not check:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        return 0
    wrong = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in wrong:
        print(f"{path} differs from its source: run python -m {made_by}", file=sys.stderr)
    return 1 if wrong else 0
