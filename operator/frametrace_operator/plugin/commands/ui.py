"""`kubectl frametrace ui`: a pipeline's journey page in the browser, as long as the command runs."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer
from frametrace_api.contract import HTTP_PORT
from frametrace_api.group import JOURNEY_PAGE
from frametrace_api.status_page import PageState

from frametrace_operator.errors import RetryError
from frametrace_operator.kube.base import Object
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import one_pipeline, title
from frametrace_operator.plugin.forward.base import Forward, ForwardError, Target
from frametrace_operator.plugin.options import OnePipeline
from frametrace_operator.plugin.output import print_note, printer, styled
from frametrace_operator.plugin.session import Session

__all__ = ["EXAMPLES", "ui"]

EXAMPLES: Final = (
    "kubectl frametrace ui entrance",
    "kubectl frametrace ui entrance --no-browser --port 8088",
    "kubectl frametrace ui entrance --frame 20240315T101530123456_cam01_a7f3c_000123",
)
"""Shown by --help."""

_PAUSE_SECONDS: Final = 2.0
_START_SECONDS: Final = 120.0


async def ui(
    session: Session,
    pipeline: OnePipeline,
    *,
    frame: Annotated[
        str, typer.Option(metavar="FRAME", help="Look this frame up: its ID, or a part of one.", show_default="")
    ] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of this machine, on localhost.", show_default="a free one")
    ] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Show a pipeline's journey page: frames by their ID, their pictures and journeys.

    The page is there where spec.pictures.access is Allowed, or the annotation frametrace.dev/journey-page says Enabled.
    It is reached by `kubectl port-forward`, on localhost only, until Ctrl-C ends the command or the page is gone; a new
    pod is followed.

    """
    target = await _target(session, pipeline)
    query = f"?{urlencode({'q': frame})}" if frame else ""
    first, told = True, ""
    while True:
        try:
            async with session.forward(target, port) as forward:
                if first:
                    await _show(session, forward, query, browser=browser)
                first, told, port = False, "", forward.port
                print_note(f"the connection ended ({await forward.ended()}); it is made anew")
        except ForwardError as error:
            if first:
                raise CommandError(str(error), Exit.UNAVAILABLE) from None
            if str(error) != told:
                print_note(f"{error}; tried again")
            told = str(error)
        await session.pause(_PAUSE_SECONDS)
        await _require_the_same(session, pipeline, target)


async def _show(session: Session, forward: Forward, query: str, *, browser: bool) -> None:
    url = f"http://localhost:{forward.port}/{query}"
    printer().print(styled((url, "bold")))
    if browser and not await asyncio.to_thread(session.browse, url):
        print_note("no browser could be opened; open the address yourself (Ctrl-C ends this command)")


async def _target(session: Session, name: str) -> Target:
    """Return the page's Service, once the page runs.

    Raises:
        CommandError: if there is no page, or it does not run.
    """
    until = session.monotonic() + _START_SECONDS
    told = False
    while True:
        body, page = await _page(session, name)
        if page["state"] == PageState.RUNNING:
            return Target(body["metadata"]["namespace"], page["service"], HTTP_PORT)
        if page["state"] != PageState.STARTING or session.monotonic() > until:
            raise _not_running(body, page)
        if not told:
            print_note("the page is being started")
        told = True
        await session.pause(_PAUSE_SECONDS)


async def _require_the_same(session: Session, name: str, target: Target) -> None:
    """Look whether it makes sense to go on: a pod that is not there yet will come, a page that is gone will not.

    Raises:
        CommandError: if there is no page any more, it rests, or it is another pipeline's of the same name.
    """
    try:
        body, page = await _page(session, name)
    except RetryError:  # an API server that is away comes back; until then kubectl says why there is no connection
        return
    if page["state"] == PageState.SUSPENDED:
        raise _not_running(body, page)
    if page["service"] != target.service:
        raise CommandError(f"{title(body)} was made anew, and has a page of its own; run the command again")


async def _page(session: Session, name: str) -> tuple[Object, Mapping[str, Any]]:
    body = await one_pipeline(session, name)
    page = (body.get("status") or {}).get("journeyPage")
    if page is None:
        raise CommandError(_how_to_switch_on(body))
    return body, page


def _not_running(body: Object, page: Mapping[str, Any]) -> CommandError:
    why = f": {page['message']}" if page.get("message") else ""
    metadata = body["metadata"]
    if page["state"] == PageState.SUSPENDED:
        why = f"; `kubectl frametrace resume {metadata['name']} -n {metadata['namespace']}` lets it go on"
    return CommandError(f"the journey page of {title(body)} is {page['state']}{why}", Exit.UNAVAILABLE)


def _how_to_switch_on(body: Object) -> str:
    metadata = body["metadata"]
    return (
        f"{metadata['namespace']}/{metadata['name']} has no journey page (or the operator has not reported yet); "
        f"switch it on: kubectl annotate cpl {metadata['name']} -n {metadata['namespace']} {JOURNEY_PAGE}=Enabled, "
        "or with pictures: spec.pictures.access: Allowed"
    )
