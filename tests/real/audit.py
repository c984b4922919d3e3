"""What the API server's audit log says that an account asked for."""

from __future__ import annotations

import json
from typing import NamedTuple

from scripts.cluster.paths import Layout

__all__ = ["Right", "denied", "used"]

_CREATED, _FORBIDDEN = 201, 403


class Right(NamedTuple):
    """A verb on a resource of an API group; a subresource follows a slash, as in a Role."""

    group: str
    resource: str
    verb: str


def used(account: str) -> set[Right]:
    """The rights that an account used. An apply that created its object used two, as the API server asks for both."""
    return {right for right, status in _asked(account) if status != _FORBIDDEN}


def denied(account: str) -> set[Right]:
    """The rights that an account asked for and did not have."""
    return {right for right, status in _asked(account) if status == _FORBIDDEN}


def _asked(account: str) -> list[tuple[Right, int]]:
    found = []
    for line in Layout.of_user().audit_log.read_text(encoding="utf-8").splitlines():
        if account not in line:
            continue
        event = json.loads(line)
        target = event.get("objectRef")
        if target is None or event["user"]["username"] != account:  # discovery has no object
            continue
        resource = "/".join(filter(None, (target["resource"], target.get("subresource"))))
        status = event.get("responseStatus", {}).get("code", 0)
        verbs = {event["verb"], *({"create"} if (event["verb"], status) == ("patch", _CREATED) else ())}
        found += [(Right(target.get("apiGroup", ""), resource, verb), status) for verb in verbs]
    return found
