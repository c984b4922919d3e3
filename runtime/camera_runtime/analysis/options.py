"""The options that all commands of the trace analyzer have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from camera_runtime.cli.sources import one_place

__all__ = [
    "SETTLE_SECONDS",
    "HtmlOption",
    "JsonOption",
    "NamespaceOption",
    "PipelineOption",
    "SettleOption",
    "SinceOption",
    "SpansOption",
    "TopOption",
]

SETTLE_SECONDS: Final = 10.0
"""As long as the operator's guard waits for a frame's trace, unless `guard.settleSeconds` says otherwise."""

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
SettleOption = Annotated[
    float | None,
    typer.Option(
        "--settle",
        min=0,
        metavar="SECONDS",
        show_default="10 with --jaeger, else 0",
        help="Leave out journeys that began in the last so many seconds: they may be under way. In a file, before its last span's end.",
    ),
]
TopOption = Annotated[int, typer.Option("--top", min=1, max=10_000, help="Slow frames that are listed.")]
PipelineOption = Annotated[
    str,
    typer.Option(
        "--pipeline",
        metavar="NAME-OR-FILE",
        help="Frames of this pipeline only. As a CameraPipeline's file it tells its stages, too, so that one without any span is missed.",
    ),
]
NamespaceOption = Annotated[
    str, typer.Option("--namespace", metavar="NAME", help="Frames of pipelines in this namespace only.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a JSON object.")]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write all that was found to this page as well, with plots."),
]
