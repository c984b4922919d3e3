"""What the API server's audit log says of an operator: its writes since a moment, the Lease's left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = ["OPERATOR", "Write", "beside_children", "writes"]

OPERATOR: Final = "frametrace-operator/"
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_ABOUT_PIPELINES: Final = frozenset({"camerapipelines", "camerapipelines/status", "events"})


class Write(NamedTuple):
    """One write: its verb, what is written (a subresource follows a slash), and the object."""

    verb: str
    resource: str
    namespace: str
    name: str

    @property
    def what(self) -> str:
        """Verb and resource."""
        return f"{self.verb} {self.resource}"


def writes(logs: Iterable[Path], since: str, agent: str = OPERATOR) -> list[Write]:
    """Writes of a client from a UTC time on, as the log has it (2026-01-01T00:00:00.000000Z)."""
    return [
        write
        for event in _events(logs)
        if event["requestReceivedTimestamp"] >= since and event.get("userAgent", "").startswith(agent)
        for write in _write(event)
    ]


def beside_children(found: Iterable[Write]) -> Counter[str]:
    """How many writes were about a pipeline itself, its status and Events, by namespace and name."""
    about = (write for write in found if write.resource in _ABOUT_PIPELINES)
    return Counter(f"{write.namespace}/{write.name.partition('.')[0]}" for write in about)


def _events(logs: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for log in logs:
        with log.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def _write(event: dict[str, Any]) -> Iterator[Write]:
    target = event.get("objectRef") or {}
    resource = "/".join(filter(None, (target.get("resource"), target.get("subresource"))))
    if event["verb"] in _WRITES and resource != "leases":
        yield Write(event["verb"], resource, target.get("namespace", ""), target.get("name", ""))
