"""What the API server's audit log says that an account asked for."""

from __future__ import annotations

import json
from typing import NamedTuple

from scripts.cluster.paths import Layout

__all__ = ["Right", "denied", "used"]

_CREATED = 201
_DECISION = "authorization.k8s.io/decision"
"""Annotation of an event: "forbid" where a right was missing. A plug-in that refuses, such as a quota, says 403 too."""


class Right(NamedTuple):
    """A verb on a resource of an API group; a subresource follows a slash, as in a Role."""

    group: str
    resource: str
    verb: str


def used(account: str) -> set[Right]:
    """The rights that an account used. An apply that created its object used two, as the API server asks for both."""
    return {right for right, allowed in _asked(account) if allowed}


def denied(account: str) -> set[Right]:
    """The rights that an account asked for and did not have."""
    return {right for right, allowed in _asked(account) if not allowed}


def _asked(account: str) -> list[tuple[Right, bool]]:
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
        allowed = event.get("annotations", {}).get(_DECISION) != "forbid"
        found += [(Right(target.get("apiGroup", ""), resource, verb), allowed) for verb in verbs]
    return found
