"""`kubectl frametrace journey`: one frame's way through its pipeline, from the pipeline's own Jaeger."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Final

import typer
from frame_tracking import FrameID, InvalidFrameIDError, Journey, JourneyView, Topology, revision_of

from frametrace_operator.errors import OperatorError
from frametrace_operator.kube.base import Object
from frametrace_operator.plugin.completion import pipelines as known_pipelines
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import pipelines, title
from frametrace_operator.plugin.jaeger import JaegerElsewhereError, find_journey
from frametrace_operator.plugin.options import AllNamespaces, OutputOption, wants_json
from frametrace_operator.plugin.output import print_json, print_note, printer, styled
from frametrace_operator.plugin.session import Session

__all__ = ["EXAMPLES", "journey"]

EXAMPLES: Final = (
    "kubectl frametrace journey 20240315T101530123456_cam01_a7f3c_000123",
    "kubectl frametrace journey 20240315T101530123456_cam01_a7f3c_000123 -A",
    "kubectl frametrace journey 20240315T101530123456_cam01_a7f3c_000123 --pipeline entrance -o json",
)
"""Shown by --help."""


async def journey(
    session: Session,
    frame: Annotated[
        str, typer.Argument(metavar="FRAME_ID", help="The frame's whole ID, as logs and pictures have it.")
    ],
    *,
    pipeline: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Look only in this pipeline.",
            show_default="those that have the camera",
            autocompletion=known_pipelines,
        ),
    ] = "",
    everywhere: AllNamespaces = False,
    output: OutputOption = "",
) -> None:
    """Show a frame's journey as a tree: every span, what is missing and why.

    The pipelines that have the frame's camera are asked, each in its own Jaeger, by the API server's proxy. Times are
    since the journey's begin.

    """
    as_json, frame_id = wants_json(output), _frame_id(frame)
    candidates = _with_camera(await pipelines(session, pipeline, everywhere=everywhere), frame_id.camera)
    told = await asyncio.gather(*(_ask(session, body, frame_id) for body in candidates))
    found = [(body, one) for body, one in zip(candidates, told, strict=True) if isinstance(one, Journey)]
    reasons = [one for one in told if isinstance(one, str)]
    if not found:
        raise _not_found(frame_id, [title(body) for body in candidates], reasons)
    for reason in reasons:
        print_note(reason)
    views = [(body, JourneyView.of(one, _topology(body, one))) for body, one in found]
    if as_json:
        print_json({"journeys": [{**_place(body), **view.as_object()} for body, view in views]})
        return
    out = printer()
    for body, view in views:
        out.print(styled((title(body), "dim")))
        for line in view.lines():
            out.print(styled(*line))


def _frame_id(text: str) -> FrameID:
    try:
        return FrameID(text.strip())
    except InvalidFrameIDError as error:
        raise CommandError(str(error), Exit.USAGE) from None


def _with_camera(bodies: list[Object], camera: str) -> list[Object]:
    """The pipelines that have the camera; all of them if none has, for it may have been taken out of its spec."""
    having = [body for body in bodies if camera in {each["id"] for each in body["spec"].get("cameras") or ()}]
    return having or bodies


async def _ask(session: Session, body: Object, frame_id: FrameID) -> Journey | str | None:
    """The journey as the pipeline's Jaeger has it, or in a sentence why nobody can tell."""
    url = ((body.get("status") or {}).get("tracing") or {}).get("queryUrl")
    if not url:
        return f"{title(body)} has no Jaeger now (tracing is disabled, or the operator has not reported yet)"
    try:
        return await find_journey(session.cluster, url, frame_id)
    except JaegerElsewhereError as error:
        return (
            f"the Jaeger of {title(body)} ({error}) is none that the API server leads to by plain HTTP; "
            f"ask it yourself: frametrace journey {frame_id} --jaeger {error}"
        )
    except OperatorError as error:
        return f"the Jaeger of {title(body)} could not be asked: {error}"


def _not_found(frame_id: FrameID, asked: Iterable[str], reasons: list[str]) -> CommandError:
    if reasons:
        return CommandError("; ".join(reasons), Exit.UNAVAILABLE)
    return CommandError(
        f"the Jaeger of {', '.join(asked)} has no span of frame {frame_id}: it was not sampled, or is older than "
        "tracing.retention, or is of another pipeline (-A looks in all)"
    )


def _topology(body: Object, found: Journey) -> Topology | None:
    """The tree of stages, if it is still the one that the frame was captured under."""
    stages = body["spec"].get("stages") or ()
    topology = Topology.of((stage["name"], stage.get("input", "capture")) for stage in stages)
    return topology if revision_of(found) in {None, topology.revision} else None


def _place(body: Object) -> dict[str, str]:
    return {"namespace": body["metadata"]["namespace"], "pipeline": body["metadata"]["name"]}
