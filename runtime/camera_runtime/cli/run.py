"""`frametrace run`: its options. What it does is in `local_run`, whose parts take their time to load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from camera_runtime.cli.output import print_error
from camera_runtime.cli.sources import DEFAULT_SPANS

__all__ = ["EXAMPLES", "run"]

EXAMPLES: Final = (
    "frametrace run camera.yaml",
    "frametrace run camera.yaml --seconds 10 --json",
    "frametrace run camera.yaml --otlp http://localhost:4318",
    "frametrace run camera.yaml --broker redis://localhost:6379/0 --port 8080",
)
"""Shown by --help."""


def run(  # noqa: PLR0913 - the options of a command
    pipeline: Annotated[
        Path, typer.Argument(metavar="FILE", help="The CameraPipeline, as `kubectl apply -f` takes it.")
    ],
    *,
    broker: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="FRAMETRACE_BROKER",
            help="Redis or RabbitMQ between the hops: redis://, rediss://, amqp://, amqps://.",
            show_default="frames stay in this process",
        ),
    ] = "",
    otlp: Annotated[
        str, typer.Option(metavar="URL", help="Send traces to this OTLP/HTTP receiver (a Jaeger) instead of a file.")
    ] = "",
    spans: Annotated[
        Path,
        typer.Option(metavar="FILE", envvar="FRAMETRACE_SPANS", help="Append spans to this file, as OTLP-JSON lines."),
    ] = DEFAULT_SPANS,
    frames: Annotated[int, typer.Option(min=0, help="End when so many frames were captured; 0: never.")] = 0,
    seconds: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0: never.")] = 0,
    drain: Annotated[float, typer.Option(min=0, help="Seconds that frames in flight may take at the end.")] = 30,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Answer /metrics, /ledger, /healthz, /readyz, /snapshot.jpg on this port of localhost.",
        ),
    ] = None,
    secrets: Annotated[
        Path | None, typer.Option(metavar="DIRECTORY", help="Secrets and ConfigMaps, as files NAME/KEY.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON at the end, and nothing else.")
    ] = False,
) -> int:
    """Run a CameraPipeline in this process: capture, queue, stages and traces, without a cluster.

    Ctrl-C ends it: cameras are let go, frames in flight finish, every span is written; a second one hurries. Handlers are
    imported from this Python, the current directory included; images are not used. Cameras may also be files here: a
    path or file:// in source.url. With spec.pictures.access Allowed the newest pictures are kept beside the span file.
    """
    from telemetry.limit_variables import leave_out_invalid_limits  # noqa: PLC0415 - as below

    for name in leave_out_invalid_limits(os.environ):
        print_error(f"{name} is no whole number and is ignored")
    from camera_runtime.cli import local_run  # noqa: PLC0415 - other commands do without

    where = local_run.Where(pipeline, spans, broker, otlp, secrets, port)
    return local_run.run(where, local_run.Bounds(frames, seconds, drain), as_json=as_json)
