"""What commands print: to people through rich, to programs as JSON; texts of others can do a terminal no harm."""

import sys
from typing import Any

from frame_tracking.printed_json import printed_json
from frame_tracking.terminal_text import clean
from rich.console import Console
from rich.text import Text

__all__ = ["print_error", "print_json", "print_note", "printer", "styled"]


def printer(*, errors: bool = False) -> Console:
    """A console without markup: colours where there is a terminal, plain text elsewhere."""
    return Console(stderr=errors, markup=False, highlight=False, emoji=False, soft_wrap=True)


def styled(*parts: tuple[object, str]) -> Text:
    """A line of cleaned texts, each with its style."""
    return Text.assemble(*((clean(text), style) for text, style in parts))


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Print a value as JSON, in ASCII, whatever it holds; without an indent in one line."""
    sys.stdout.write(printed_json(value, indent) + "\n")
    sys.stdout.flush()


def print_note(text: str) -> None:
    """Print one line that is no error on standard error, so that it is no part of a result."""
    printer(errors=True).print(styled((" ".join(text.split()), "yellow")))


def print_error(text: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"kubectl frametrace: {clean(' '.join(text.split()))}\n")
