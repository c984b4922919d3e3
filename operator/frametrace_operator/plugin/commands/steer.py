"""`rollback`, `hold`, `reenable`, `suspend`, `resume`: a person's wishes, written where the operator reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import typer
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING, SUSPEND
from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import GuardState
from frametrace_api.tracing import TracingMode

from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.plugin.durations import InvalidDurationError, seconds_of
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import one_pipeline, title
from frametrace_operator.plugin.options import Pipelines
from frametrace_operator.plugin.output import printer, styled
from frametrace_operator.plugin.session import Session
from frametrace_operator.plugin.waiting import how_far
from frametrace_operator.plugin.waiting import wait as wait_until
from frametrace_operator.suspension import suspended_at

__all__ = [
    "HOLD_EXAMPLES",
    "REENABLE_EXAMPLES",
    "RESUME_EXAMPLES",
    "ROLLBACK_EXAMPLES",
    "SUSPEND_EXAMPLES",
    "hold",
    "reenable",
    "resume",
    "rollback",
    "suspend",
]

ROLLBACK_EXAMPLES: Final = (
    "kubectl frametrace rollback entrance",
    "kubectl frametrace rollback entrance yard -n site-1 --wait",
)
HOLD_EXAMPLES: Final = ("kubectl frametrace hold entrance", "kubectl frametrace hold entrance yard -n site-1")
REENABLE_EXAMPLES: Final = (
    "kubectl frametrace reenable entrance",
    "kubectl frametrace reenable entrance yard -n site-1 --wait --timeout 20m",
)
SUSPEND_EXAMPLES: Final = ("kubectl frametrace suspend entrance", "kubectl frametrace suspend entrance yard -n site-1")
RESUME_EXAMPLES: Final = ("kubectl frametrace resume entrance", "kubectl frametrace resume entrance yard -n site-1")

WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until it is done, and tell how far it is.")]
TimeoutOption = Annotated[
    str, typer.Option("--timeout", metavar="DURATION", help="How long to wait, such as 90s, 20m.")
]

_GITOPS: Final = {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}


async def rollback(
    session: Session, pipelines: Pipelines, *, wait: WaitOption = False, within: TimeoutOption = "10m"
) -> None:
    """Ask the operator to take tracing out of pipelines. Video goes on.

    Writes a time stamp into the annotation frametrace.dev/rollback-tracing; the spec stays as it is, so that GitOps
    reverts nothing. Tracing stays out until `reenable` brings it back. `kubectl frametrace status` shows how far it is.

    """
    seconds = _seconds(within)
    for wish in await _ask(session, pipelines, ROLLBACK_TRACING, "rollback of tracing"):
        if wait:
            await _wait(session, wish, "handledRollbackRequest", GuardState.ROLLED_BACK, seconds)


async def hold(session: Session, pipelines: Pipelines) -> None:
    """Keep tracing out until a person brings it back, where the guard took it out and would bring it back by itself.

    Writes the same annotation as `rollback`; where tracing is still in, it refuses.

    """
    for name in dict.fromkeys(pipelines):
        body = await one_pipeline(session, name)
        if _state(body) not in (GuardState.ROLLED_BACK, GuardState.ROLLING_BACK):
            raise CommandError(f"{title(body)}: tracing is in; `rollback` takes it out", Exit.REFUSED)
    await _ask(session, pipelines, ROLLBACK_TRACING, "hold")


async def reenable(
    session: Session, pipelines: Pipelines, *, wait: WaitOption = False, within: TimeoutOption = "10m"
) -> None:
    """Ask the operator to bring tracing back, step by step.

    Writes a time stamp into the annotation frametrace.dev/reenable-tracing; the spec stays as it is.

    """
    seconds = _seconds(within)
    for wish in await _ask(session, pipelines, REENABLE_TRACING, "return of tracing"):
        if wait:
            await _wait(session, wish, "handledReenableRequest", GuardState.HEALTHY, seconds)


async def suspend(session: Session, pipelines: Pipelines) -> None:
    """Let pipelines rest: frames in flight are handled, then the pods go.

    Writes a time stamp into the annotation frametrace.dev/suspend; the spec stays as it is, so that GitOps reverts nothing.

    """
    stamp = _stamp(session.now())
    for body in await _all(session, pipelines):
        why = _rests(body)
        if why:
            _tell(f"{title(body)}: suspended already: {why}")
            continue
        await _change(session, body, {"metadata": {"annotations": {SUSPEND: stamp}}})
        _tell(f"{title(body)}: suspended at {stamp}; see it: {_watch(body)}")


async def resume(session: Session, pipelines: Pipelines) -> None:
    """Let pipelines that rest go on.

    Removes the annotation frametrace.dev/suspend. Where spec.mode is Suspended, it is set to Running; but if the spec comes
    from Git, which would revert that, the command refuses: change it there.

    """
    bodies = await _all(session, pipelines)
    kept = [
        f"{title(body)} ({_gitops(body)})" for body in bodies if _mode(body) == PipelineMode.SUSPENDED and _gitops(body)
    ]
    if kept:
        raise CommandError(f"{', '.join(kept)}: spec.mode is Suspended in Git: set it to Running there", Exit.REFUSED)
    for body in bodies:
        if not _rests(body):
            _tell(f"{title(body)}: not suspended")
            continue
        await _change(session, body, _awake(body))
        _tell(f"{title(body)}: goes on; see it: {_watch(body)}")


async def _ask(session: Session, names: list[str], annotation: str, what: str) -> list[tuple[str, str]]:
    """Write the annotation; names of the pipelines, each with the value that it has now."""
    bodies = await _all(session, names)
    untraced = [title(body) for body in bodies if _tracing_mode(body) == TracingMode.DISABLED]
    if untraced:
        raise CommandError(
            f"{', '.join(untraced)}: spec.tracing.mode is Disabled, so there is no tracing to steer; set it to Enabled first",
            Exit.REFUSED,
        )
    stamp = _stamp(session.now())
    for body in bodies:
        await _change(session, body, {"metadata": {"annotations": {annotation: stamp}}})
        _tell(f"{title(body)}: {what} asked for at {stamp}, {how_far(body)}; see it: {_watch(body)}")
    return [(body["metadata"]["name"], stamp) for body in bodies]


async def _wait(session: Session, wish: tuple[str, str], field: str, state: GuardState, seconds: float) -> None:
    name, value = wish
    await wait_until(session, name, (field, value, state), seconds, _tell)


def _seconds(text: str) -> int:
    try:
        return seconds_of(text)
    except InvalidDurationError as error:
        raise CommandError(f"--timeout {error}", Exit.USAGE) from None


def _state(body: Object) -> str:
    return str(((body.get("status") or {}).get("tracing") or {}).get("state", ""))


def _mode(body: Object) -> str:
    return str(body["spec"].get("mode", PipelineMode.RUNNING))


def _rests(body: Object) -> str:
    """What suspends a pipeline; empty if nothing does."""
    since = suspended_at(body["metadata"].get("annotations") or {})
    by_spec = "spec.mode is Suspended" if _mode(body) == PipelineMode.SUSPENDED else ""
    return " and ".join(filter(None, (by_spec, since and f"annotation {SUSPEND} since {since}")))


def _awake(body: Object) -> Object:
    """The patch that takes away all that suspends it."""
    spec: Object = {"spec": {"mode": PipelineMode.RUNNING}} if _mode(body) == PipelineMode.SUSPENDED else {}
    return spec | {"metadata": {"annotations": {SUSPEND: None}}}


async def _all(session: Session, names: list[str]) -> list[Object]:
    """All of them, before any is changed: a name that is wrong changes none."""
    return [await one_pipeline(session, name) for name in dict.fromkeys(names)]


async def _change(session: Session, body: Object, patch: Object) -> None:
    await session.cluster.change(PIPELINE, body["metadata"]["namespace"], body["metadata"]["name"], patch)


def _tracing_mode(body: Object) -> str:
    return str((body["spec"].get("tracing") or {}).get("mode", TracingMode.ENABLED))


def _gitops(body: Object) -> str:
    """Who keeps the resource as it is in Git, as far as its labels and annotations say; empty if nobody does."""
    metadata = body["metadata"]
    marks: Mapping[str, str] = {**(metadata.get("labels") or {}), **(metadata.get("annotations") or {})}
    return next((owner for mark, owner in _GITOPS.items() if mark in marks), "")


def _stamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _watch(body: Object) -> str:
    return f"kubectl frametrace status {body['metadata']['name']} -n {body['metadata']['namespace']} --watch"


def _tell(text: str) -> None:
    printer().print(styled((text, "")))
