#!/usr/bin/env python3
"""Analyses traced frames, from a Jaeger or a saved file: `scripts/trace_analyzer.py --help`.

A thin entry: what it does is in `camera_runtime.analysis`, of the distribution `frametrace[cli]`.
"""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PYTHON = _ROOT / ".venv" / "bin" / "python"

if __name__ == "__main__":
    try:
        from camera_runtime.analysis.main import main
    except ImportError as error:  # called with a Python that does not have it: the repository's own has
        if not _PYTHON.exists() or Path(sys.prefix) == _ROOT / ".venv":
            sys.exit(f"trace_analyzer: {error.name} is not installed: run make setup in the repository")
        os.execv(_PYTHON, [str(_PYTHON), *sys.argv])  # noqa: S606 - no shell is wanted
    sys.exit(main())
