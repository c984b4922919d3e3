"""Writes docs/reference/settings.md: ``python -m scripts.reference.settings``; ``--check`` only compares.

The operator's settings are read off its model, the commands' off the commands; those of `OTEL_*` are listed in `otel_settings`,
and a test asks that each one that the code reads is there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import typer.main
from camera_runtime.analysis.app import app as analyzer_app
from camera_runtime.cli.app import app as runtime_app
from frametrace_api.environment import RESERVED_ENV, SERVICE_NAME
from frametrace_operator.plugin.app import app as plugin_app
from frametrace_operator.settings import Settings
from pydantic import BaseModel

from scripts.reference.docstrings import docstrings
from scripts.reference.otel_settings import OTEL
from scripts.reference.pages import REFERENCE, keep

__all__ = ["PAGE", "main", "page"]

PAGE = REFERENCE / "settings.md"
_HEAD = """# Settings

Made by `python -m scripts.reference.settings`; never edited. All are environment variables. A pipeline itself is set up by its
resource alone: [CameraPipeline](camerapipeline.md).

## Of captures and stages

OpenTelemetry's own, read as its specification says: what is no valid value is said in the log and ignored. The operator sets those that are
marked; of these a container's `env` may set all but the reserved ones, and yours wins.

| variable | default | set by the operator | meaning |
|---|---|---|---|
"""
_RESERVED = """
Reserved, so that nothing can undo a rollback; the API server refuses them in an `env`: {names}. So that journeys can be found, it refuses
`{service}`, too; in a resource that an older version took it is not obeyed ([more](../how-to/upgrade.md#names-of-services)).

The built-in handlers have settings in their stage's `env`, too: [the table](../how-to/own-stage.md#built-in).

## Of the commands

| variable | read by | meaning |
|---|---|---|
"""
_OPERATOR = """| `FRAMETRACE_DEBUG` | all commands | Any value: an unexpected error is shown with its traceback. |

## Of the operator

The chart sets them from its values. Lists are separated by commas.

| variable | default | meaning |
|---|---|---|
"""
_APPS = (
    ("frametrace", runtime_app),
    ("scripts/trace_analyzer.py", analyzer_app),
    ("kubectl frametrace", plugin_app),
)
_MEANINGS = {
    "FRAMETRACE_BROKER": "URL of a Redis or RabbitMQ; one with a password is better here than on a command line.",
    "FRAMETRACE_SPANS": "The span file that is written, or looked into.",
    "JAEGER_QUERY_URL": "The query port of the Jaeger that is looked into, such as `http://localhost:16686`.",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "The OTLP/HTTP receiver that is looked at.",
}


def page() -> str:
    """Return the page's text."""
    otel = "".join(f"| `{each.name}` | {each.default} | {each.operator} | {each.meaning} |\n" for each in OTEL)
    reserved = _RESERVED.format(names=", ".join(f"`{name}`" for name in RESERVED_ENV), service=SERVICE_NAME)
    return f"{_HEAD}{otel}{reserved}{''.join(_commands())}{_OPERATOR}{''.join(_operator())}"


def _commands() -> Iterator[str]:
    """A row a variable that an option of a command can be given by."""
    for variable, readers in sorted(_readers().items()):
        shown = "; ".join(f"`{typed}`: {', '.join(names)}" for typed, names in readers.items())
        yield f"| `{variable}` | {shown} | {_MEANINGS[variable]} |\n"


def _readers() -> dict[str, dict[str, list[str]]]:
    """Commands by variable and program."""
    readers: dict[str, dict[str, list[str]]] = {}
    for typed, app in _APPS:
        group: Any = typer.main.get_command(app)
        named = ((each.envvar, name) for name, command in group.commands.items() for each in command.params)
        for variable, name in named:
            if variable:
                readers.setdefault(variable, {}).setdefault(typed, []).append(name)
    return readers


def _operator() -> Iterator[str]:
    told = docstrings(Settings)
    for name, field in Settings.model_fields.items():
        default = (
            "required"
            if field.is_required()
            else _shown(field.default)
            if field.default_factory is None
            else "the host's name"
        )
        yield f"| `FRAMETRACE_{name.upper()}` | {default} | {told[name]} |\n"


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        return f"`{json.dumps(value.model_dump(mode='json', by_alias=True, exclude_none=True))}`"
    return f"`{value}`" if value not in ("", ()) else ""


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.settings", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
