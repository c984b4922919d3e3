"""`kubectl frametrace logs`: what a pipeline's captures and stages say, each line with who said it."""

from contextlib import aclosing
from typing import Annotated, Final
from zlib import crc32

import typer
from frametrace_api.spec import PipelineMode

from frametrace_operator.kube.base import Object
from frametrace_operator.naming import Role
from frametrace_operator.plugin.cluster.base import LogQuery
from frametrace_operator.plugin.durations import InvalidDurationError, seconds_of
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import one_pipeline, pods_of, title
from frametrace_operator.plugin.following import lines_of
from frametrace_operator.plugin.options import OnePipeline
from frametrace_operator.plugin.output import print_note, printer, styled
from frametrace_operator.plugin.session import Session
from frametrace_operator.podview import role_and_item
from frametrace_operator.suspension import mode_of

__all__ = ["EXAMPLES", "logs"]

EXAMPLES: Final = (
    "kubectl frametrace logs entrance",
    "kubectl frametrace logs entrance --follow",
    "kubectl frametrace logs entrance --camera cam01 --since 10m --tail -1",
    "kubectl frametrace logs entrance --stage motion --previous",
)
"""Shown by --help."""

_COLOURS: Final = ("cyan", "magenta", "green", "yellow", "blue")


async def logs(  # noqa: PLR0913 - the options of a command
    session: Session,
    pipeline: OnePipeline,
    *,
    camera: Annotated[str, typer.Option(metavar="ID", help="Only this camera's capture.", show_default="all")] = "",
    stage: Annotated[str, typer.Option(metavar="NAME", help="Only this stage.", show_default="all")] = "",
    follow: Annotated[
        bool, typer.Option("-f", "--follow", help="Go on with what is said from now on, by new pods too, until Ctrl-C.")
    ] = False,
    tail: Annotated[int, typer.Option(min=-1, help="Last lines of each pod; -1: all.")] = 20,
    since: Annotated[
        str, typer.Option(metavar="DURATION", help="Only lines of the last 30s, 10m, 1h30m ...", show_default="ever")
    ] = "",
    previous: Annotated[bool, typer.Option("--previous", help="Of the containers before their last restart.")] = False,
) -> None:
    """Show the logs of a pipeline's captures and stages, each line with the camera or stage and the pod that said it."""
    query = LogQuery(None if tail < 0 else tail, _seconds(since), follow, previous)
    body = await one_pipeline(session, pipeline)

    async def find() -> list[Object]:
        pods = await pods_of(session, session.namespace, pipeline)
        return [pod for pod in sorted(pods, key=_order) if _is_wanted(pod, camera, stage)]

    if not await find():
        raise CommandError(_none(title(body), camera, stage, suspended=_suspended(body)))
    out = printer()
    async with aclosing(lines_of(session, find, query, _failed)) as lines:
        async for pod, line in lines:
            out.print(styled((_prefix(pod), _colour(pod)), (line, "")))


def _seconds(since: str) -> int | None:
    try:
        return seconds_of(since) if since else None
    except InvalidDurationError as error:
        raise CommandError(f"--since: {error}", Exit.USAGE) from None


def _is_wanted(pod: Object, camera: str, stage: str) -> bool:
    if not (camera or stage):
        return True
    return role_and_item(pod) in {(Role.CAPTURE.value, camera), (Role.STAGE.value, stage)}


def _order(pod: Object) -> tuple[str, str, str]:
    return (*role_and_item(pod), pod["metadata"]["name"])


def _prefix(pod: Object) -> str:
    """Who speaks, such as `capture/cam01 (cbfcq)  `; what is in brackets tells replicas apart."""
    role, item = role_and_item(pod)
    return f"{role}/{item} ({pod['metadata']['name'].rpartition('-')[2]})  "


def _colour(pod: Object) -> str:
    return _COLOURS[crc32("/".join(role_and_item(pod)).encode()) % len(_COLOURS)]


def _suspended(body: Object) -> bool:
    mode = body["spec"].get("mode", PipelineMode.RUNNING)
    return mode_of(mode, body["metadata"].get("annotations") or {}) == PipelineMode.SUSPENDED


def _none(name: str, camera: str, stage: str, *, suspended: bool) -> str:
    asked = " or ".join(filter(None, (camera and f"camera {camera!r}", stage and f"stage {stage!r}")))
    why = "; it is suspended" if suspended else "; `kubectl frametrace status` says why"
    return f"{name} has no pod of {asked}: is that its name?" if asked else f"{name} has no capture or stage pod{why}"


def _failed(pod: Object, why: str) -> None:
    print_note(f"the log of pod {pod['metadata']['name']} cannot be read: {why}")
