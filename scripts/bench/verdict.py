"""What a benchmark says in the end: one line of JSON with its figure, its bar and whether it holds; exit code 1 if not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Verdict", "conclude", "parser"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A benchmark's result.

    Attributes:
        name: the command's name, without `.py`.
        figure: what was measured, in `unit`.
        bar: the bar in words, such as `< 1 %`.
        ok: whether the figure is within the bar.
        interval: lower and upper end of the 95 % interval, where there is one.
        case: what was run (`quick` says that it was the smaller case, and which).
        details: further figures by name.
    """

    name: str
    figure: float
    unit: str
    bar: str
    ok: bool
    interval: tuple[float, float] | None = None
    case: str = ""
    quick: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the line."""
        interval = {"interval": [round(end, 5) for end in self.interval]} if self.interval else {}
        found = {"name": self.name, "figure": round(self.figure, 5), "unit": self.unit, "bar": self.bar, "ok": self.ok}
        return json.dumps({**found, **interval, "case": self.case, "quick": self.quick, "details": dict(self.details)})


def parser(description: str) -> argparse.ArgumentParser:
    """Return the arguments that every benchmark has: `--quick`, the smaller case that ends within 50 s."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--quick", action="store_true", help="a smaller case that ends within 50 seconds")
    return made


def conclude(verdict: Verdict) -> int:
    """Print the verdict as the last line; return the exit code."""
    print(verdict.as_json(), flush=True)
    return 0 if verdict.ok else 1
