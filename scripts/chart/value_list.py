"""Reads the chart's values file: every value with its default and the comment above it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Value", "values_of"]

_KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z0-9_.-]+):(?P<rest>.*)$")
_STEP = 2


@dataclass(frozen=True, slots=True)
class Value:
    """One value that people may set.

    Attributes:
        name: its path, with dots, as `helm --set` takes it.
        default: its default as JSON.
        about: the comment above it, else the one above the group that it is in; empty if there is none.
    """

    name: str
    default: str
    about: str


def values_of(text: str) -> list[Value]:
    """Return the values of a values file in its order. A group with no comment at any of its members is one value.

    Raises:
        TypeError: the file is no mapping.
    """
    defaults = yaml.safe_load(text)
    if not isinstance(defaults, dict):
        raise TypeError("a chart's values are a mapping")
    comments = dict(_comments(text))
    return list(_walk(defaults, (), comments, ""))


def _walk(
    group: dict[str, Any], path: tuple[str, ...], comments: dict[tuple[str, ...], str], above: str
) -> Iterator[Value]:
    for key, default in group.items():
        here = (*path, key)
        about = comments.get(here, "")
        if isinstance(default, dict) and any(len(deep) > len(here) and deep[: len(here)] == here for deep in comments):
            yield from _walk(default, here, comments, about or above)
        else:
            yield Value(".".join(here), json.dumps(default), about or above)


def _comments(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Path of a key → the comment right above it."""
    above: list[str] = []
    path: list[str] = []
    for line in text.splitlines():
        found = _KEY.match(line)
        if line.lstrip().startswith("# "):
            above.append(line.strip().removeprefix("# "))
            continue
        if found:
            path = [*path[: len(found["indent"]) // _STEP], found["key"]]
            if above:
                yield tuple(path), " ".join(above)
        above = []
