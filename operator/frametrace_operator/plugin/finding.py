"""Finds what a person names: pipelines, and their pods. Says what, where and the way out when there is none."""

from typing import Any

from frametrace_api.group import API_VERSION, LABEL_PIPELINE

from frametrace_operator.errors import ActionNeededError
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import PIPELINE, POD
from frametrace_operator.naming import RUNTIME_POD
from frametrace_operator.plugin.exits import CommandError
from frametrace_operator.plugin.session import Session

__all__ = ["one_pipeline", "pipelines", "pods_of", "title"]


async def pipelines(session: Session, name: str, *, everywhere: bool) -> list[Object]:
    """Pipelines of the session's namespace or of all; of one name, if it is not empty.

    Raises:
        CommandError: if there is none.
    """
    space = "" if everywhere else session.namespace
    if name and not everywhere:
        return [await one_pipeline(session, name)]
    try:
        found = await session.cluster.find(PIPELINE, space, {})
    except ActionNeededError:
        await _require_frametrace(session)
        raise
    wanted = [body for body in found if name in ("", body["metadata"]["name"])]
    if not wanted:
        what = f"pipeline {name!r}" if name else "pipeline"
        where = "any namespace" if everywhere else f"namespace {space!r}; -n names another, -A looks in all"
        raise CommandError(f"there is no {what} in {where}")
    return wanted


async def one_pipeline(session: Session, name: str) -> Object:
    """The pipeline of that name in the session's namespace.

    Raises:
        CommandError: if there is none.
    """
    found = await session.cluster.get(PIPELINE, session.namespace, name)
    if found is None:
        await _require_frametrace(session)
        raise CommandError(
            f"there is no pipeline {name!r} in namespace {session.namespace!r}; "
            "-n names another, `kubectl frametrace status -A` lists all"
        )
    return found


async def pods_of(session: Session, namespace: str, pipeline: str = "") -> list[Object]:
    """Capture and stage pods of a pipeline, or of all pipelines of a namespace, or (empty) of all namespaces."""
    labels: dict[str, Any] = {**RUNTIME_POD, **({LABEL_PIPELINE: pipeline} if pipeline else {})}
    return await session.cluster.find(POD, namespace, labels)


def title(body: Object) -> str:
    """Namespace and name."""
    return f"{body['metadata']['namespace']}/{body['metadata']['name']}"


async def _require_frametrace(session: Session) -> None:
    if not await session.cluster.serves(PIPELINE):
        raise CommandError(f"this cluster knows no CameraPipeline ({API_VERSION}): Frametrace is not installed in it")
