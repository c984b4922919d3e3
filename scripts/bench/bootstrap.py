"""First import of every benchmark: runs it by the repository's own Python, with the repository importable.

So that `scripts/bench/overhead.py` works as it is typed, from any folder, without an activated environment.
"""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PYTHON = _ROOT / ".venv" / "bin" / "python"

if Path(sys.prefix) != _ROOT / ".venv":
    if not _PYTHON.exists():
        sys.exit("benchmarks need the repository's environment: run `make setup` first")
    os.execv(_PYTHON, [str(_PYTHON), *sys.argv])  # noqa: S606 - no shell is wanted
sys.path.insert(0, str(_ROOT))
