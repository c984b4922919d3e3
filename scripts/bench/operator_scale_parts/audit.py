"""What the API server's audit log says of an operator: its writes since a moment, the Lease's left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

__all__ = ["OPERATOR", "writes"]

OPERATOR: Final = "frametrace-operator/"
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})


def writes(logs: Iterable[Path], since: str, agent: str = OPERATOR) -> Counter[str]:
    """Writes of a client, as "verb resource", from a UTC time as the log has it (2026-01-01T00:00:00.000000Z)."""
    found: Counter[str] = Counter()
    for log in logs:
        with log.open(encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if event["requestReceivedTimestamp"] >= since and event.get("userAgent", "").startswith(agent):
                    found.update(_write(event))
    return found


def _write(event: dict[str, Any]) -> list[str]:
    target = event.get("objectRef") or {}
    resource = "/".join(filter(None, (target.get("resource"), target.get("subresource"))))
    return [f"{event['verb']} {resource}"] if event["verb"] in _WRITES and resource != "leases" else []
