"""`frametrace journey`: one frame's way through the pipeline, what is missing of it, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from frame_tracking import (
    Attribute,
    FrameID,
    InvalidFrameIDError,
    Journey,
    JourneySpan,
    Topology,
    explain,
    judge,
    revision_of,
    walk,
)

from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_json, printer, styled
from camera_runtime.cli.pictures import PictureSource, write_picture
from camera_runtime.cli.sources import DEFAULT_SPANS, JaegerOption, SpansOption, note_unreadable, open_source
from camera_runtime.run_record import RunRecord

__all__ = ["EXAMPLES", "journey"]

EXAMPLES: Final = (
    "frametrace journey 20240315T101530123456_cam01_a7f3c_000123",
    "frametrace journey 20240315T101530123456_cam01_a7f3c_000123 --jaeger http://localhost:16686",
    "frametrace journey 20240315T101530123456_cam01_a7f3c_000123 --json --picture out.jpg",
)
"""Shown by --help."""

_NOTES = (Attribute.FRAME_OUTCOME, Attribute.FRAME_DROP_REASON, Attribute.FRAME_ENDED_BY, Attribute.FRAME_PARTIAL)
_STYLES = {"completed": "green", "dropped": "yellow", "dead_lettered": "red"}


def journey(
    frame: Annotated[str, typer.Argument(metavar="FRAME_ID", help="The frame's whole ID; `frametrace find` finds it.")],
    *,
    spans: SpansOption = DEFAULT_SPANS,
    jaeger: JaegerOption = "",
    pipeline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The CameraPipeline, so that missing hops are known (a span file knows its own)."
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the captured picture (JPEG) to this file.")
    ] = None,
    broker: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="FRAMETRACE_BROKER",
            help="Look for the picture in this broker too; needs --pipeline, as `kubectl get -o yaml` gives it.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Show a frame's journey as a tree: every span, what is missing and why.

    Times are since the journey's begin. Where the pipeline's stages are known, missing hops are named.

    """
    frame_id = _frame_id(frame)
    source = open_source(spans, jaeger)
    found = source.journey(frame_id)
    note_unreadable(source)
    if found is None:
        raise CommandError(
            f"{source.name} has no span of frame {frame_id}: it was not sampled, or is older than what is kept, "
            "or was traced to another place"
        )
    topology = _topology(found, spans, pipeline)
    judged = judge(found, topology) if topology else None
    missing = explain(found, judged, topology) if topology and judged else ()
    complete = judged.complete if judged else None
    if as_json:
        print_json(_as_object(found, missing, complete=complete))
    else:
        _print(found, missing, complete=complete)
    if picture is not None:
        write_picture(frame_id, PictureSource(RunRecord.pictures_of(spans), broker, pipeline), picture)


def _frame_id(text: str) -> FrameID:
    try:
        return FrameID(text.strip())
    except InvalidFrameIDError as error:
        raise CommandError(f"{error}; `frametrace find` takes a part of one", Exit.USAGE) from None


def _topology(found: Journey, spans: Path, pipeline: Path | None) -> Topology | None:
    """Return the tree of stages that the frame was captured under, if it is known."""
    revision = revision_of(found)
    if pipeline is not None:
        from camera_runtime.cli.resource import read_pipeline  # noqa: PLC0415 - the models take their time

        spec = read_pipeline(pipeline).pipeline.spec
        topology = Topology.of((stage.name, stage.input) for stage in spec.stages)
        return topology if revision in {None, topology.revision} else None
    known = RunRecord.read(spans).topologies
    return known.get(revision or "") or (next(iter(known.values())) if revision is None and len(known) == 1 else None)


def _print(found: Journey, missing: tuple[str, ...], *, complete: bool | None) -> None:
    out = printer()
    outcome = str(found.outcome or "under way")
    out.print(
        styled(
            (found.frame_id or "unknown frame", "bold"),
            (f"  trace {found.trace_id}  {found.duration_us / 1000:.1f} ms  ", ""),
            (outcome, _STYLES.get(outcome, "")),
        )
    )
    start = found.spans[0].start_us if found.spans else 0
    for branch, span in walk(found):
        out.print(styled((f"{branch} ", "dim"), *_line(span, start)))
    for sentence in missing:
        out.print(styled(("missing: ", "red"), (sentence, "")))
    if complete:
        out.print(styled(("complete: ", "green"), ("every hop, no orphan, one outcome a branch", "")))
    if complete is None:
        out.print(styled(("The pipeline's stages are not known here, so nothing is said of what is missing", "dim")))


def _line(span: JourneySpan, start: int) -> tuple[tuple[object, str], ...]:
    times = f"  +{(span.start_us - start) / 1000:.1f} ms  {span.duration_us / 1000:.2f} ms"
    notes = ", ".join(str(span.attributes[key]) for key in _NOTES if key in span.attributes)
    error = f"  error: {span.attributes.get('otel.status_description', '')}" if span.failed else ""
    return (
        (span.name, "bold"),
        (f"  [{span.service}]", "cyan"),
        (times, ""),
        (f"  {notes}" if notes else "", "green"),
        (error, "red"),
    )


def _as_object(found: Journey, missing: tuple[str, ...], *, complete: bool | None) -> dict[str, Any]:
    return {
        "frame_id": found.frame_id,
        "trace_id": found.trace_id,
        "duration_ms": found.duration_us / 1000,
        "outcome": found.outcome,
        "complete": complete,
        "missing": missing,
        "spans": [
            {
                "span_id": span.span_id,
                "parent_id": span.parent_id,
                "name": span.name,
                "service": span.service,
                "start_us": span.start_us,
                "duration_us": span.duration_us,
                "error": span.failed,
                "attributes": dict(span.attributes),
            }
            for span in found.spans
        ],
    }
