"""How time and memory grow with the number of pipelines: whether linearly, and the picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scripts.bench.operator_scale_parts.measure import Ramp

__all__ = ["drawn", "excess"]

_WIDTH, _HEIGHT, _MARGIN = 360, 240, 48
_COLOURS: Final = ("#0072b2", "#d55e00")


def excess(points: Sequence[tuple[float, float]]) -> float:
    """How far the last value lies above the line through the first two, as a factor: 1 is on it, 2 is twice as high."""
    (x0, y0), (x1, y1), *_ = points
    x, y = points[-1]
    return y / (y0 + (y1 - y0) / (x1 - x0) * (x - x0))


def drawn(ramps: Sequence[Ramp]) -> str:
    """Two charts beside each other as an SVG: seconds to Ready, and MiB, over the number of pipelines."""
    charts = [
        ("Seconds from apply to Ready", [(ramp.pipelines, ramp.seconds) for ramp in ramps]),
        ("Most memory of the operator, MiB", [(ramp.pipelines, ramp.peak) for ramp in ramps]),
    ]
    whole = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">'
    background = f'<rect width="{2 * _WIDTH}" height="{_HEIGHT}" fill="white"/>'
    parts = [_chart(number, *chart) for number, chart in enumerate(charts)]
    return "\n".join([whole, background, *parts, "</svg>"]) + "\n"


def _chart(number: int, title: str, points: Sequence[tuple[float, float]]) -> str:
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points) * 1.1
    left, bottom = number * _WIDTH + _MARGIN, _HEIGHT - _MARGIN
    wide, high = _WIDTH - 1.5 * _MARGIN, _HEIGHT - 2 * _MARGIN

    def at(x: float, y: float) -> tuple[float, float]:
        return round(left + x / most_x * wide, 1), round(bottom - y / most_y * high, 1)

    colour = _COLOURS[number]
    lines = [f'<text x="{left}" y="{_MARGIN / 2}" font-size="13">{title}</text>']
    lines.append(f'<path d="M{left} {bottom - high}V{bottom}H{left + wide}" fill="none" stroke="black"/>')
    places = [at(x, y) for x, y in points]
    path = " ".join(f"{x},{y}" for x, y in places)
    lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for (x, y), (pipelines, value) in zip(places, points, strict=True):
        lines.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
        lines.append(f'<text x="{x}" y="{y - 8}" text-anchor="middle">{value:.0f}</text>')
        lines.append(f'<text x="{x}" y="{bottom + 15}" text-anchor="middle">{pipelines}</text>')
    lines.append(f'<text x="{left + wide / 2}" y="{bottom + 32}" text-anchor="middle">pipelines</text>')
    return "\n".join(lines)
