"""Writes the pages of the three command lines from the commands themselves: ``python -m scripts.reference.cli``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import typer.main
from camera_runtime.analysis.app import app as analyzer_app
from camera_runtime.cli.app import app as runtime_app
from camera_runtime.cli.exits import Exit as RuntimeExit
from frametrace_operator.plugin.app import app as plugin_app
from frametrace_operator.plugin.exits import Exit as PluginExit

__all__ = ["PAGES", "Page", "main", "page"]

_REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
_MADE = "Made by `python -m scripts.reference.cli` from the commands themselves; never edited."
_EXITS = """## Exit codes

An error is one line on standard error, without credentials, and one of these:

| code | |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A command line and its page: how it is typed, how it is installed, and the codes that it ends with."""

    path: Path
    typed: str
    app: typer.Typer
    exits: Iterable[IntEnum]
    installed: str


PAGES = (
    Page(
        _REFERENCE / "cli.md",
        "frametrace",
        runtime_app,
        RuntimeExit,
        "[How it\nis installed](../how-to/install.md#the-commands); `frametrace --install-completion` teaches your shell its words.",
    ),
    Page(
        _REFERENCE / "kubectl-plugin.md",
        "kubectl frametrace",
        plugin_app,
        PluginExit,
        "[How it\nis installed](../how-to/install.md#the-commands), [and used](../how-to/kubectl-plugin.md).",
    ),
    Page(
        _REFERENCE / "trace-analyzer.md",
        "scripts/trace_analyzer.py",
        analyzer_app,
        RuntimeExit,
        "It comes with this repository;\n[how to use it](../how-to/analyse-traces.md).",
    ),
)


def page(of: Page) -> str:
    """Return the page's text."""
    group: Any = typer.main.get_command(of.app)
    context = group.make_context(of.typed, [], resilient_parsing=True)
    commands = "".join(_section(of.typed, group.get_command(context, name)) for name in group.list_commands(context))
    exits = "".join(f"| {code.value} | {code.meaning} |\n" for code in of.exits)  # type: ignore[attr-defined]  # both have it
    return f"# The command `{of.typed}`\n\n{_MADE} {of.installed}\n\n{commands}{_EXITS}{exits}"


def _section(typed: str, command: Any) -> str:
    arguments = " ".join(each.metavar for each in command.params if each.param_type_name == "argument")
    usage = f"{typed} {command.name} [OPTIONS] {arguments}".strip()
    examples = "\n".join(line.strip() for line in command.epilog.splitlines() if line.strip().startswith(f"{typed} "))
    table = "| | | default |\n|---|---|---|\n" + "".join(_rows(command))
    return f"## `{usage}`\n\n{command.help}\n\n{table}\nFor example:\n\n```\n{examples}\n```\n\n"


def _rows(command: Any) -> Iterator[str]:
    for each in command.params:
        if each.name == "help":
            continue
        name = f"*`{each.metavar}`*" if each.param_type_name == "argument" else f"`{_option(each)}`"
        default = each.show_default if isinstance(each.show_default, str) else _default(each)
        known = f" (or `{each.envvar}`)" if each.envvar else ""
        yield f"| {name} | {each.help}{known} | {default} |\n"


def _option(parameter: Any) -> str:
    named = " ".join((*parameter.opts, *([parameter.metavar] if parameter.metavar else [])))
    return f"{named}` / `{' '.join(parameter.secondary_opts)}" if parameter.secondary_opts else named


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.secondary_opts:
        return f"`{(parameter.opts if value else parameter.secondary_opts)[0]}`"
    return "" if parameter.required or value in (None, "") or value is False else f"`{value}`"


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` tell whether they are current; returns the exit code."""
    if "--check" not in arguments:
        for each in PAGES:
            each.path.write_text(page(each), encoding="utf-8")
        return 0
    drifted = [
        each.path for each in PAGES if not each.path.exists() or each.path.read_text(encoding="utf-8") != page(each)
    ]
    for path in drifted:
        print(f"{path} differs from the commands: run python -m scripts.reference.cli", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
