"""`rollback`, `reenable`, `suspend`, `resume`: a person's wishes, written where the operator reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.spec import PipelineMode
from frametrace_api.tracing import TracingMode

from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.finding import one_pipeline, title
from frametrace_operator.plugin.options import Pipelines
from frametrace_operator.plugin.output import print_note, printer, styled
from frametrace_operator.plugin.session import Session

__all__ = [
    "REENABLE_EXAMPLES",
    "RESUME_EXAMPLES",
    "ROLLBACK_EXAMPLES",
    "SUSPEND_EXAMPLES",
    "reenable",
    "resume",
    "rollback",
    "suspend",
]

ROLLBACK_EXAMPLES: Final = (
    "kubectl frametrace rollback entrance",
    "kubectl frametrace rollback entrance yard -n site-1",
)
REENABLE_EXAMPLES: Final = (
    "kubectl frametrace reenable entrance",
    "kubectl frametrace reenable entrance yard -n site-1",
)
SUSPEND_EXAMPLES: Final = ("kubectl frametrace suspend entrance", "kubectl frametrace suspend entrance yard -n site-1")
RESUME_EXAMPLES: Final = ("kubectl frametrace resume entrance", "kubectl frametrace resume entrance yard -n site-1")

_GITOPS: Final = {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}


async def rollback(session: Session, pipelines: Pipelines) -> None:
    """Ask the operator to take tracing out of pipelines. Video goes on.

    Writes a time stamp into the annotation frametrace.dev/rollback-tracing; the spec stays as it is, so that GitOps
    reverts nothing. `kubectl frametrace status` shows how far it is, `reenable` brings tracing back.

    """
    await _ask(session, pipelines, ROLLBACK_TRACING, "rollback of tracing")


async def reenable(session: Session, pipelines: Pipelines) -> None:
    """Ask the operator to bring tracing back, step by step.

    Writes a time stamp into the annotation frametrace.dev/reenable-tracing; the spec stays as it is.

    """
    await _ask(session, pipelines, REENABLE_TRACING, "return of tracing")


async def suspend(session: Session, pipelines: Pipelines) -> None:
    """Let pipelines rest: frames in flight are handled, then the pods go.

    Sets spec.mode to Suspended. Where the spec comes from Git, change it there: GitOps would revert it.

    """
    await _switch(session, pipelines, PipelineMode.SUSPENDED)


async def resume(session: Session, pipelines: Pipelines) -> None:
    """Let pipelines that rest go on.

    Sets spec.mode to Running. Where the spec comes from Git, change it there: GitOps would revert it.

    """
    await _switch(session, pipelines, PipelineMode.RUNNING)


async def _ask(session: Session, names: list[str], annotation: str, what: str) -> None:
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
        _tell(f"{title(body)}: {what} asked for at {stamp}; see it: {_watch(body)}")


async def _switch(session: Session, names: list[str], mode: PipelineMode) -> None:
    for body in await _all(session, names):
        if body["spec"].get("mode", PipelineMode.RUNNING) == mode:
            _tell(f"{title(body)}: spec.mode is {mode} already")
            continue
        await _change(session, body, {"spec": {"mode": mode}})
        _tell(f"{title(body)}: spec.mode is {mode} now; see it: {_watch(body)}")
        owner = _gitops(body)
        if owner:
            print_note(f"{title(body)} is kept by {owner}, which may revert this: change spec.mode where it comes from")


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
