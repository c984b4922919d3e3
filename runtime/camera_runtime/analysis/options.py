"""The options that all commands of the trace analyzer have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from camera_runtime.cli.sources import one_place

__all__ = ["HtmlOption", "JsonOption", "PipelineOption", "SinceOption", "SpansOption", "TopOption"]

SpansOption = Annotated[
    Path,
    typer.Option(
        "--spans",
        metavar="FILE",
        envvar="FRAMETRACE_SPANS",
        callback=one_place,
        help="What `frametrace run` wrote, or a saved answer of /api/traces.",
    ),
]
SinceOption = Annotated[
    float,
    typer.Option(
        "--since", min=0.001, metavar="SECONDS", help="With --jaeger: journeys that began so long ago at most."
    ),
]
TopOption = Annotated[int, typer.Option("--top", min=1, max=10_000, help="Slow frames that are listed.")]
PipelineOption = Annotated[
    Path | None,
    typer.Option("--pipeline", metavar="FILE", help="The CameraPipeline, so that a stage without any span is missed."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object.")]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write all that was found to this page as well, with plots."),
]
