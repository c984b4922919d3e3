"""Writes docs/reference/spans.md from `frame_tracking.names`: ``python -m scripts.reference.spans``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum

from frame_tracking import Attribute, DropReason, Outcome, SpanName

from scripts.reference.docstrings import docstrings
from scripts.reference.pages import REFERENCE, keep

__all__ = ["PAGE", "main", "page"]

PAGE = REFERENCE / "spans.md"
_HEAD = """# Spans and their attributes

Made by `python -m scripts.reference.spans` from the registry of names, `runtime/frame_tracking/names.py`; never edited.
[How they make up a frame's journey](../frame-tracking-guide.md#a-frames-journey).

## Spans

| name | what it covers |
|---|---|
"""
_ATTRIBUTES = """
A handler's own spans are its own; they nest in the stage's `process_frame`. The names above stay whatever a handler does: hops are
found by them.

## Attributes

Names with `messaging.` are those of OpenTelemetry's semantic conventions for messaging. On the resource there are `service.name`
(`rtsp-capture`, or the stage's name), and in a cluster `k8s.namespace.name`, `k8s.deployment.name`, `k8s.pod.name`,
`k8s.container.name`, `k8s.node.name`, `service.namespace` and `service.instance.id`.

| name | meaning |
|---|---|
"""
_OUTCOMES = """
## Outcomes

Values of `frame.outcome`, from best to worst. A frame's outcome is its worst branch's.

| value | meaning |
|---|---|
"""
_REASONS = """
## Drop reasons

Values of `frame.drop_reason`.

| value | meaning |
|---|---|
"""


def page() -> str:
    """Return the page's text.

    Raises:
        KeyError: a name has no sentence.
    """
    return f"{_HEAD}{_table(SpanName)}{_ATTRIBUTES}{_table(Attribute)}{_OUTCOMES}{_table(Outcome)}{_REASONS}{_table(DropReason)}"


def _table(names: Iterable[StrEnum] | type[StrEnum]) -> str:
    members = list(names)
    told = docstrings(type(members[0]))
    return "".join(f"| `{each.value}` | {told[each.name]} |\n" for each in members)


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.spans", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
