"""`frametrace journey`: one frame's way through the pipeline, what is missing of it, and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer
from frame_tracking import FrameID, InvalidFrameIDError, Journey, JourneyView, Topology, revision_of

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
    view = JourneyView.of(found, _topology(found, spans, pipeline))
    if as_json:
        print_json(view.as_object())
    else:
        out = printer()
        for line in view.lines():
            out.print(styled(*line))
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
