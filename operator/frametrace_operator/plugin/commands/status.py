"""`kubectl frametrace status`: pipelines with a line a camera and a stage, conditions, and what to do next."""

from typing import Annotated, Final

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live

from frametrace_operator.errors import OperatorError
from frametrace_operator.plugin.looking import Look, Looker
from frametrace_operator.plugin.options import AllNamespaces, OptionalPipeline, OutputOption, wants_json
from frametrace_operator.plugin.output import print_json, print_note, printer, styled
from frametrace_operator.plugin.session import Session
from frametrace_operator.plugin.tables import pipeline_block

__all__ = ["EXAMPLES", "status"]

EXAMPLES: Final = (
    "kubectl frametrace status",
    "kubectl frametrace status entrance --watch",
    "kubectl frametrace status -A --no-live",
    "kubectl frametrace status entrance -n site-1 -o json",
)
"""Shown by --help."""

_EVERY_SECONDS: Final = 2.0


async def status(
    session: Session,
    pipeline: OptionalPipeline = "",
    *,
    everywhere: AllNamespaces = False,
    watch: Annotated[
        bool, typer.Option("-w", "--watch", help="Show it again every two seconds, until Ctrl-C.")
    ] = False,
    no_live: Annotated[
        bool, typer.Option("--no-live", help="Leave out what the pods tell now; only what the operator reports.")
    ] = False,
    output: OutputOption = "",
) -> None:
    """Show pipelines: a line a camera and a stage, conditions with reasons, and what to do next.

    Frames a second, losses and waiting frames are what the pods tell now, by the API server's proxy; all else is what
    the operator reports. A change of the pods that waits for approval is shown with the command that approves it.

    """
    as_json = wants_json(output)
    looker = Looker(session, pipeline, everywhere, live=not no_live)
    look = await looker.look()
    if not watch:
        _print(look, as_json=as_json)
    elif as_json:
        await _stream(session, looker, look)
    else:
        await _watch(session, looker, look)


def _print(look: Look, *, as_json: bool) -> None:
    if as_json:
        print_json({"pipelines": [view.as_object() for view in look.views]})
    else:
        _wide(printer()).print(_blocks(look), soft_wrap=False)
    if look.note:
        print_note(look.note)


def _wide(console: Console) -> Console:
    """A file or a pipe has no width: nothing is cut or folded there."""
    if not console.is_terminal:
        console.width = 10_000
    return console


def _blocks(look: Look, trouble: str = "") -> RenderableType:
    notes = [styled((text, "yellow")) for text in (look.note, trouble) if text]
    return Group(*(pipeline_block(view) for view in look.views), *notes)


async def _stream(session: Session, looker: Looker, look: Look) -> None:
    """A JSON object a line and look."""
    while True:
        print_json({"pipelines": [view.as_object() for view in look.views]}, indent=None)
        await session.pause(_EVERY_SECONDS)
        look = await looker.look(again=True)


async def _watch(session: Session, looker: Looker, look: Look) -> None:
    """One picture that changes. A look that fails leaves the last one standing, and says why."""
    with Live(_blocks(look), console=_wide(printer()), auto_refresh=False, vertical_overflow="crop") as picture:
        while True:
            await session.pause(_EVERY_SECONDS)
            try:
                look, trouble = await looker.look(again=True), ""
            except OperatorError as error:
                trouble = f"what stands here is old: {error}; trying again"
            picture.update(_blocks(look, trouble), refresh=True)
