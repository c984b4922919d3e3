"""`frametrace doctor`: what is there, what is missing, and how to mend it."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Annotated, Final

import typer

from camera_runtime.cli.exits import Exit
from camera_runtime.cli.findings import Check, State
from camera_runtime.cli.output import print_error, print_json, printer, styled
from camera_runtime.cli.sources import valid_url

__all__ = ["EXAMPLES", "doctor"]

EXAMPLES: Final = (
    "frametrace doctor",
    "frametrace doctor --local",
    "frametrace doctor --otlp http://localhost:4318 --jaeger http://localhost:16686 --broker redis://localhost:6379/0",
)
"""Shown by --help."""

_STYLES: Final = {State.WELL: "green", State.MISSING: "red", State.NOT_NEEDED: "dim"}


def doctor(
    *,
    otlp: Annotated[
        str,
        typer.Option(
            metavar="URL", envvar="OTEL_EXPORTER_OTLP_ENDPOINT", help="OTLP/HTTP receiver that traces are sent to."
        ),
    ] = "http://localhost:4318",
    jaeger: Annotated[
        str, typer.Option(metavar="URL", envvar="JAEGER_QUERY_URL", help="Query port of the Jaeger that has them.")
    ] = "http://localhost:16686",
    broker: Annotated[
        str, typer.Option(metavar="URL", envvar="FRAMETRACE_BROKER", help="Redis or RabbitMQ, if you use one.")
    ] = "",
    local: Annotated[
        bool, typer.Option("--local", help="Look only at what `frametrace run` with a span file needs: no Jaeger.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> int:
    """Say what is there, what is missing and how to mend it.

    Looks at Python, OpenTelemetry, the extras and video libraries; sends a trace that crosses two services to the OTLP
    receiver and reads it back from Jaeger; asks Jaeger for its services, and the broker for a sign of life. The exit code is
    1 when something that is needed is missing.
    """
    from telemetry import set_up_logs  # noqa: PLC0415 - other commands do without
    from telemetry.limit_variables import leave_out_invalid_limits  # noqa: PLC0415

    for name in leave_out_invalid_limits(os.environ):
        print_error(f"{name} is no whole number: what traces ignores it")

    from camera_runtime.cli import checks  # noqa: PLC0415
    from camera_runtime.journeys.jaeger import Jaeger  # noqa: PLC0415

    os.environ.pop("OTEL_SERVICE_NAME", None)  # there are two services
    set_up_logs("frametrace", level="CRITICAL")  # the findings say it
    found = checks.installed()
    if not local:
        query = Jaeger(valid_url(jaeger, "--jaeger"))
        found += [*checks.otlp(valid_url(otlp, "--otlp"), query), checks.jaeger(query)]
    found.append(checks.broker(broker))
    well = all(check.state is not State.MISSING for check in found)
    if as_json:
        print_json({"ok": well, "checks": [asdict(check) for check in found]})
    else:
        _print(found)
    return int(Exit.WELL if well else Exit.MISSING)


def _print(found: list[Check]) -> None:
    out = printer()
    width = max(len(check.name) for check in found)
    for check in found:
        out.print(
            styled(
                (f"{check.state.value:<10}  ", _STYLES[check.state]),
                (f"{check.name:<{width}}  ", "bold"),
                (check.found, ""),
            )
        )
        if check.mend:
            out.print(styled((f"{'':<12}{'':<{width}}  → {check.mend}", "yellow")))
