"""Findings as one self-contained page: tables and plots (SVG), no script, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from frame_tracking.terminal_text import clean
from jinja2 import Environment, PackageLoader, StrictUndefined

from camera_runtime.analysis.analysis import Findings
from camera_runtime.analysis.tables import percent, read, which
from camera_runtime.analysis.times import JOURNEY, Spread

__all__ = ["Bar", "page"]

_WIDTH: Final = 400
_HEIGHT: Final = 80
_GAPS_SHOWN: Final = 1000
"""Of a session; who wants more takes --json."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot, in the plot's own units: `x` and `width` from the left, `y` and `height` from the top."""

    x: float
    y: float
    width: float
    height: float
    label: str


def page(found: Findings, made: datetime) -> str:
    """Return the page as HTML. Whatever texts the spans carry, they are escaped."""
    environment = Environment(
        loader=PackageLoader("camera_runtime.analysis"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"clean": clean, "bars": _bars}
    return environment.get_template("report.html.j2").render(
        found=found,
        lines=tuple(read(found.read)),
        made=made,
        percent=percent,
        which=which,
        gaps_shown=_GAPS_SHOWN,
        journey=JOURNEY,
        width=_WIDTH,
        height=_HEIGHT,
    )


def _bars(spread: Spread) -> list[Bar]:
    most = max(spread.histogram, default=0) or 1
    bars = max(1, len(spread.histogram))
    width, step = _WIDTH / bars, max(spread.p99, 0.001) / bars
    return [
        Bar(
            x=number * width,
            y=_HEIGHT - (tall := _HEIGHT * frames / most),
            width=width * 0.9,
            height=tall,
            label=f"{number * step:.2f} {_up_to(number, bars, step)}: {frames} frames",
        )
        for number, frames in enumerate(spread.histogram)
    ]


def _up_to(number: int, bars: int, step: float) -> str:
    return "ms or more" if number == bars - 1 else f"to {(number + 1) * step:.2f} ms"
