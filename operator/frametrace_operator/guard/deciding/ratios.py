"""Live ratios: what share of each camera's frames is traced, by the spec, the budget and the step of a probation. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from typing import Final

from frametrace_operator.pipeline import Pipeline

__all__ = [
    "FIRST",
    "STEPS",
    "all_ratios",
    "effective_ratio",
    "next_step",
    "ratio_text",
    "step_ratios",
    "traced_cameras",
]

FIRST: Final = 0
"""The step of a probation at which a single camera is traced, whole."""

STEPS: Final = (FIRST, 10, 50, 100)
"""Shares of the cameras that a probation traces, in percent, one after the other."""

_DIGITS: Final = Decimal("0.000001")


def ratio_text(ratio: Decimal | float) -> str:
    """A ratio as the resource and the contract write it: from 0 to 1, at most six decimals."""
    exact = min(max(Decimal(str(ratio)), Decimal(0)), Decimal(1)).quantize(_DIGITS)
    return f"{exact.normalize():f}"


def traced_cameras(pipeline: Pipeline, first: str | None = None) -> tuple[str, ...]:
    """Cameras that the spec has traced at all, `first` before the others if it is one of them, else in the spec's order."""
    spec = pipeline.spec
    cameras = [camera.id for camera in spec.cameras if Decimal(spec.ratio_of(camera)) > 0]
    return tuple(sorted(cameras, key=lambda camera: camera != first))


def all_ratios(pipeline: Pipeline, factor: str | None) -> dict[str, str]:
    """Each camera's ratio, lowered by the budget's factor."""
    spec = pipeline.spec
    times = Decimal(factor or "1")
    return {camera.id: ratio_text(Decimal(spec.ratio_of(camera)) * times) for camera in spec.cameras}


def step_ratios(pipeline: Pipeline, percent: int, first: str | None, factor: str | None) -> dict[str, str]:
    """Each camera's ratio in a step of a probation."""
    whole, order = all_ratios(pipeline, factor), traced_cameras(pipeline, first)
    if percent == FIRST:
        return {camera: "1" if camera in order[:1] else "0" for camera in whole}
    taken = order[: ceil(len(order) * percent / 100)]
    return {camera: ratio if camera in taken else "0" for camera, ratio in whole.items()}


def next_step(pipeline: Pipeline, percent: int, first: str | None, factor: str | None) -> int | None:
    """The next step that traces anything else than this one; None if this one traces all that the spec asks for."""
    now = step_ratios(pipeline, percent, first, factor)
    later = (step for step in STEPS if step > percent)
    return next((step for step in later if step_ratios(pipeline, step, first, factor) != now), None)


def effective_ratio(ratios: Mapping[str, str]) -> str:
    """The mean over the cameras."""
    return ratio_text(sum(map(Decimal, ratios.values()), Decimal(0)) / max(1, len(ratios)))
