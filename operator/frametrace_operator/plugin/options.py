"""Options that several commands have, and `in_cluster`, by which a coroutine becomes a command that typer knows."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec

import typer

from frametrace_operator.plugin.completion import pipelines
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.session import Connect, Session

__all__ = ["AllNamespaces", "OnePipeline", "OptionalPipeline", "OutputOption", "Pipelines", "in_cluster", "wants_json"]

P = ParamSpec("P")

OnePipeline = Annotated[str, typer.Argument(metavar="PIPELINE", help="The pipeline.", autocompletion=pipelines)]
OptionalPipeline = Annotated[
    str, typer.Argument(metavar="[PIPELINE]", help="One pipeline.", show_default="all", autocompletion=pipelines)
]
Pipelines = Annotated[
    list[str], typer.Argument(metavar="PIPELINE...", help="One or more pipelines.", autocompletion=pipelines)
]
AllNamespaces = Annotated[bool, typer.Option("-A", "--all-namespaces", help="Look in all namespaces.")]
OutputOption = Annotated[
    str, typer.Option("-o", "--output", metavar="json", help="Print JSON, for programs.", show_default="for people")
]
_CONNECTION: Final[dict[str, tuple[Any, Any]]] = {
    "namespace": (
        Annotated[
            str, typer.Option("-n", "--namespace", metavar="NAME", help="The namespace.", show_default="the context's")
        ],
        "",
    ),
    "context": (
        Annotated[
            str,
            typer.Option("--context", metavar="NAME", help="The kubeconfig's context.", show_default="the current one"),
        ],
        "",
    ),
    "kubeconfig": (
        Annotated[
            Path | None,
            typer.Option("--kubeconfig", metavar="FILE", help="The kubeconfig.", show_default="as kubectl finds it"),
        ],
        None,
    ),
}


def wants_json(output: str) -> bool:
    """Whether a person wants JSON.

    Raises:
        CommandError: if it is another format.
    """
    if output not in ("", "json"):
        raise CommandError(f"--output {output}: there is `json`, or without the option a table for people", Exit.USAGE)
    return output == "json"


def in_cluster(command: Callable[Concatenate[Session, P], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a command of a coroutine: its first parameter is the session, which the options of `Connection` open."""

    @wraps(command)
    def run(typer_context: typer.Context, **given: Any) -> None:
        connection = Connection(**{name: given.pop(name) for name in _CONNECTION})
        asyncio.run(_run(typer_context.obj, connection, command, given))

    parameters = [
        inspect.Parameter("typer_context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *list(inspect.signature(command).parameters.values())[1:],
        *(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
            for name, (annotation, default) in _CONNECTION.items()
        ),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


async def _run(
    connect: Connect, connection: Connection, command: Callable[..., Coroutine[Any, Any, None]], given: dict[str, Any]
) -> None:
    async with connect(connection) as session:
        await command(session, **given)
