"""What commands print: to people through rich, to programs as JSON; texts of others can do a terminal no harm."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from frame_tracking.printed_json import printed_json
from frame_tracking.terminal_text import clean
from rich.console import Console
from rich.text import Text

__all__ = ["print_error", "print_json", "print_note", "printer", "speaking_as", "styled"]

_PROGRAM: Final = ContextVar("program", default="frametrace")
"""Whose name is before each error and note: the commands of one program may be those of another as well."""


@contextmanager
def speaking_as(program: str) -> Iterator[None]:
    """Let what is said inside be said by `program`."""
    before = _PROGRAM.set(program)
    try:
        yield
    finally:
        _PROGRAM.reset(before)


def printer(*, errors: bool = False) -> Console:
    """Return a console without markup: colours where there is a terminal, plain text elsewhere."""
    return Console(stderr=errors, markup=False, highlight=False, emoji=False, soft_wrap=True)


def styled(*parts: tuple[object, str]) -> Text:
    """Return a line of cleaned texts, each with its style."""
    return Text.assemble(*((clean(text), style) for text, style in parts))


def print_json(value: Any) -> None:
    """Print a value as JSON, in ASCII, whatever it holds."""
    sys.stdout.write(printed_json(value) + "\n")


def print_error(text: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"{_PROGRAM.get()}: {clean(' '.join(text.split()))}\n")


def print_note(text: str) -> None:
    """Print one line on standard error that tells of something, but of no error."""
    printer(errors=True).print(styled((f"{_PROGRAM.get()}: {text}", "yellow")))
