"""Writes docs/reference/cli.md from the commands themselves: ``python -m scripts.reference.cli``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from camera_runtime.cli.app import app
from camera_runtime.cli.exits import Exit

__all__ = ["PAGE", "main", "page"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"
_HEAD = """# The command `frametrace`

Made by `python -m scripts.reference.cli` from the commands themselves; never edited. `pip install 'frametrace[cli,capture]'`
installs it; `frametrace --install-completion` teaches your shell its words.

"""
_EXITS = """## Exit codes

An error is one line on standard error, without credentials, and one of these:

| code | |
|---|---|
"""


def page() -> str:
    """Return the page's text."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("frametrace", [], resilient_parsing=True)
    commands = "".join(_section(group.get_command(context, name)) for name in group.list_commands(context))
    exits = "".join(f"| {code.value} | {code.meaning} |\n" for code in Exit)
    return f"{_HEAD}{commands}{_EXITS}{exits}"


def _section(command: Any) -> str:
    arguments = " ".join(each.metavar for each in command.params if each.param_type_name == "argument")
    usage = f"frametrace {command.name} [OPTIONS] {arguments}".strip()
    examples = "\n".join(line.strip() for line in command.epilog.splitlines() if line.strip().startswith("frametrace "))
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
    return " ".join((*parameter.opts, *([parameter.metavar] if parameter.metavar else [])))


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if parameter.required or value in (None, "") or value is False else f"`{value}`"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if "--check" not in arguments:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if current != page():
        print(f"{PAGE} differs from the commands: run python -m scripts.reference.cli", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
