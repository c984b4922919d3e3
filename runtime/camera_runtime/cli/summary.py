"""The numbers of a running pipeline: as a table that renews itself on a terminal, and as lines at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from frame_tracking import Outcome, SpanCount
from rich.table import Table
from rich.text import Text

from camera_runtime.cli.output import styled
from camera_runtime.run.local import LocalPipeline
from camera_runtime.run.tally import Tallied

__all__ = ["as_object", "lines", "table"]


def table(pipeline: LocalPipeline, spans: SpanCount) -> Table:
    """Return the numbers of now."""
    tallied = pipeline.tally.snapshot()
    made = Table(show_edge=False, pad_edge=False)
    for column in ("camera", "captured", "state"):
        made.add_column(column)
    for parts in pipeline.captures:
        state = parts.status.snapshot()
        well = "connected" if state.connected else f"away: {state.message or state.reason or 'connecting'}"
        made.add_row(
            Text(state.id), str(tallied.captured[state.id]), styled((well, "green" if state.connected else "red"))
        )
    made.caption = Text("  ".join(_words(tallied, spans)))
    return made


def lines(tallied: Tallied, spans: SpanCount, *, in_broker: bool) -> Iterator[Text]:
    """Yield what became of every frame and span, for the end."""
    captured = sum(tallied.captured.values())
    yield styled((f"{captured} frames captured", "bold"), (f": {', '.join(_ends(tallied, in_broker=in_broker))}", ""))
    lost = sum(spans.dropped.values())
    causes = "".join(f", {number} lost ({cause})" for cause, number in sorted(spans.dropped.items()))
    yield styled((f"{spans.exported} of {spans.created} spans written{causes}", "red" if lost else ""))


def as_object(tallied: Tallied, spans: SpanCount) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "captured": sum(tallied.captured.values()),
        "cameras": dict(tallied.captured),
        "ended": {outcome.value: tallied.ended[outcome] for outcome in Outcome},
        "drop_reasons": {reason.value: number for reason, number in tallied.reasons.items()},
        "in_flight": tallied.in_flight,
        "spans": spans.model_dump(),
    }


def _words(tallied: Tallied, spans: SpanCount) -> Iterator[str]:
    yield from (f"{outcome.value.replace('_', '-')} {tallied.ended[outcome]}" for outcome in Outcome)
    yield f"in flight {tallied.in_flight}"
    yield f"spans {spans.exported}"


def _ends(tallied: Tallied, *, in_broker: bool) -> Iterator[str]:
    reasons = ", ".join(f"{reason.value} {number}" for reason, number in sorted(tallied.reasons.items()))
    for outcome in Outcome:
        why = f" ({reasons})" if outcome is Outcome.DROPPED and reasons else ""
        yield f"{tallied.ended[outcome]} {outcome.value.replace('_', '-')}{why}"
    if tallied.in_flight:
        yield f"{tallied.in_flight} {'left in the broker' if in_broker else 'not accounted for'}"
