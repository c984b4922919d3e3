"""Completion: names that the cluster knows, and the protocol by which kubectl asks a plugin for words.

kubectl runs `kubectl_complete-frametrace` with the words so far, the last of which is to be completed, and reads a line
a word (`word<TAB>help`) and last `:4`, which forbids file names. typer answers fish in just these lines.
"""

import asyncio
import contextlib
import io
import os
import shlex
import sys
from collections.abc import Callable

import typer

from frametrace_operator.errors import OperatorError
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.exits import CommandError
from frametrace_operator.plugin.session import Connect

__all__ = ["complete_for_kubectl", "pipelines"]

_SECONDS = 3.0
_NO_FILES = ":4"
_VARIABLE = "_KUBECTL_FRAMETRACE_COMPLETE"


def pipelines(context: typer.Context, incomplete: str) -> list[str]:
    """Pipelines that a word may mean; none where the cluster does not tell in time: a completion never disturbs."""
    given = {name: context.params[name] for name in ("namespace", "context", "kubeconfig") if context.params.get(name)}
    try:
        names = asyncio.run(_names(context.obj, Connection(**given)))
    except (OperatorError, CommandError, TimeoutError):
        return []
    return [name for name in names if name.startswith(incomplete)]


async def _names(connect: Connect, connection: Connection) -> list[str]:
    async with asyncio.timeout(_SECONDS), connect(connection) as session:
        return [body["metadata"]["name"] for body in await session.cluster.find(PIPELINE, session.namespace, {})]


def complete_for_kubectl(words: list[str], run: Callable[[list[str]], int]) -> int:
    """Answer kubectl: `words` are those after `kubectl frametrace`, the last one as far as it is typed."""
    *before, last = words or [""]
    line = " ".join(["kubectl-frametrace", *map(shlex.quote, before), shlex.quote(last) if last else ""])
    os.environ |= {_VARIABLE: "complete_fish", "_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.suppress(SystemExit),
    ):  # typer ends the process when it has answered
        run([])
    found = [each for each in said.getvalue().splitlines() if each]
    sys.stdout.write("\n".join([*found, _NO_FILES]) + "\n")
    return 0
