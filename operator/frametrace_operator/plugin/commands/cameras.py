"""`kubectl frametrace cameras`: a line for every camera of all pipelines."""

from typing import Annotated, Final

import typer

from frametrace_operator.plugin.looking import Looker
from frametrace_operator.plugin.options import AllNamespaces, OptionalPipeline, OutputOption, wants_json
from frametrace_operator.plugin.output import print_json, print_note, printer
from frametrace_operator.plugin.session import Session
from frametrace_operator.plugin.tables import camera_cells, table
from frametrace_operator.plugin.view import CameraRow, PipelineView

__all__ = ["EXAMPLES", "cameras"]

EXAMPLES: Final = (
    "kubectl frametrace cameras",
    "kubectl frametrace cameras entrance",
    "kubectl frametrace cameras -A --away",
    "kubectl frametrace cameras -A -o json",
)
"""Shown by --help."""


async def cameras(
    session: Session,
    pipeline: OptionalPipeline = "",
    *,
    everywhere: AllNamespaces = False,
    away: Annotated[bool, typer.Option("--away", help="Only cameras that are not captured.")] = False,
    output: OutputOption = "",
) -> None:
    """Show every camera: what it does, its frames a second, its source, and why it is away.

    Addresses are shown without user names and passwords.

    """
    as_json = wants_json(output)
    look = await Looker(session, pipeline, everywhere).look()
    rows = [(view, row) for view in look.views for row in view.cameras if not (away and row.state == "Capturing")]
    if as_json:
        print_json({"cameras": [_as_object(view, row) for view, row in rows]})
    elif rows:
        heads = ("PIPELINE", "CAMERA", "STATE", "FPS", "DROPPED/S", "LAST FRAME", "RECONNECTS", "SOURCE", "WHY")
        found = table(heads, (_cells(view, row) for view, row in rows))
        console = printer()
        console.width = console.width if console.is_terminal else 10_000
        console.print(found, soft_wrap=False)
    else:
        print_note("every camera is captured")
    if look.note:
        print_note(look.note)


def _cells(view: PipelineView, row: CameraRow) -> list[tuple[object, str]]:
    why = ": ".join(filter(None, ("" if row.reason == row.state else row.reason, row.message)))
    return [(f"{view.namespace}/{view.name}", ""), (row.id, "bold"), *camera_cells(row), (row.source, ""), (why, "")]


def _as_object(view: PipelineView, row: CameraRow) -> dict[str, object]:
    found: list[dict[str, object]] = view.as_object()["cameras"]
    own = next(each for each in found if each["id"] == row.id)
    return {"namespace": view.namespace, "pipeline": view.name, **own}
