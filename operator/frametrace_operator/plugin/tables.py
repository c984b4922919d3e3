"""Tables for people: a pipeline's head, its cameras, stages and conditions. Knows looks only."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from frametrace_operator.plugin.durations import duration
from frametrace_operator.plugin.output import styled
from frametrace_operator.plugin.view import CameraRow, ConditionRow, PipelineView, StageRow

__all__ = ["camera_cells", "number", "pipeline_block", "table"]

_STATES: Final = {
    "Capturing": "green",
    "Running": "green",
    "Healthy": "green",
    "Unavailable": "red",
    "RolledBack": "red",
    "RollingBack": "red",
    "Unknown": "yellow",
    "Starting": "yellow",
    "Suspect": "yellow",
    "Probation": "yellow",
}
_GOOD: Final = {True: "green", False: "red", None: "yellow"}
Cell = tuple[object, str]


def pipeline_block(view: PipelineView) -> RenderableType:
    """All that is shown of one pipeline."""
    return Group(*_block(view))


def table(heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Table:
    """A table without lines; the last column takes what room there is."""
    found = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    columns = list(heads)
    for head in columns:
        found.add_column(head, overflow="fold", no_wrap=head != columns[-1])
    for row in rows:
        found.add_row(*(styled(cell) for cell in row))
    return found


def number(value: float | None, form: str = ".1f") -> str:
    """A number; `-` if it is not known."""
    return "-" if value is None else format(value, form)


def camera_cells(row: CameraRow) -> list[Cell]:
    """A camera's state and live values."""
    return [
        (row.state, _STATES.get(row.state, "")),
        (number(row.fps), ""),
        (number(row.dropped_per_second), "red" if row.dropped_per_second else ""),
        (_last_frame(row.last_frame_seconds), ""),
        (number(row.reconnects, "d"), ""),
    ]


def _block(view: PipelineView) -> Iterator[RenderableType]:
    yield _head(view)
    if not view.current:
        yield styled(
            ("  the operator has not reported on this spec yet: is it running, and is this its shard?", "yellow")
        )
    if view.pending_upgrade:
        yield from _upgrade(view)
    yield _indented(
        table(
            ("CAMERA", "STATE", "FPS", "DROPPED/S", "LAST FRAME", "RECONNECTS", "WHY"),
            (((row.id, "bold"), *camera_cells(row), (_why(row), "")) for row in view.cameras),
        )
    )
    if view.stages:
        yield _indented(
            table(
                ("STAGE", "STATE", "PODS", "FPS", "DROPPED/S", "WAITING", "WHY"), (_stage(row) for row in view.stages)
            )
        )
    if view.conditions:
        yield _indented(
            table(("CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE"), (_condition(row) for row in view.conditions))
        )
    for pod, why in view.silent.items():
        yield styled(("  no live values of pod ", "yellow"), (pod, "yellow"), (f": {why}", "yellow"))
    yield Text("")


def _head(view: PipelineView) -> Text:
    ready = view.ready
    word = "Unreported" if ready is None else "Ready" if ready.good else ready.reason
    tracing = view.tracing.get("state", "")
    figures = [
        ("ratio", view.tracing.get("effectiveRatio"), ""),
        ("complete", view.tracing.get("completenessPercent"), " %"),
        ("overhead", view.tracing.get("overheadPercent"), " %"),
    ]
    told = "".join(f", {name} {value}{unit}" for name, value, unit in figures if value is not None)
    return styled(
        (f"{view.namespace}/{view.name}", "bold"),
        ("  ", ""),
        (word, _GOOD[ready.good if ready else None]),
        (f"  {view.mode}", ""),
        ("  tracing ", ""),
        (tracing or "unknown", _STATES.get(tracing, "")),
        (f"{told}  age {duration(view.age_seconds)}", ""),
    )


def _upgrade(view: PipelineView) -> Iterator[RenderableType]:
    pending = view.pending_upgrade
    names = ", ".join(pending.get("deployments", ()))
    yield styled(
        (f"  pending change by operator {pending.get('operatorVersion', '')}: {pending.get('message', '')}", "yellow"),
        (f" (replaces the pods of {names})" if names else "", "yellow"),
    )
    step = f"kubectl annotate cpl {view.name} -n {view.namespace} --overwrite frametrace.dev/approve-upgrade={pending.get('id', '')}"
    yield styled((f"  → to let it happen: {step}", "cyan"))


def _stage(row: StageRow) -> list[Cell]:
    return [
        (row.name, "bold"),
        (row.state, _STATES.get(row.state, "")),
        (row.pods or "-", ""),
        (number(row.fps), ""),
        (number(row.dropped_per_second), "red" if row.dropped_per_second else ""),
        (number(row.lag, "d"), ""),
        (_why(row), ""),
    ]


def _condition(row: ConditionRow) -> list[Cell]:
    return [
        (row.type, "bold"),
        (row.status, _GOOD[row.good]),
        (row.reason, ""),
        (duration(row.since_seconds), ""),
        (_with_step(row.message, row.next_step), ""),
    ]


def _why(row: CameraRow | StageRow) -> str:
    reason = "" if row.reason == row.state else row.reason
    return _with_step(": ".join(filter(None, (reason, row.message))), row.next_step)


def _with_step(text: str, step: str) -> str:
    return f"{text} → {step}" if step else text


def _last_frame(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}s ago" if seconds < 60 else f"{duration(seconds)} ago"  # noqa: PLR2004 - a minute


def _indented(content: Table) -> RenderableType:
    return Padding(content, (0, 0, 0, 2), expand=False)
