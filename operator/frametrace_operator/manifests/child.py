"""Child: one object that a pipeline owns, as the applier takes it. Knows the shape of an object; must not know any kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from frametrace_operator.naming import RENDERED_HASH

__all__ = ["Child", "ChildKey", "rendered_hash", "short_hash"]

ChildKey = tuple[str, str, str]
"""(apiVersion, kind, name): unique among the children of one pipeline, which share its namespace."""


@dataclass(frozen=True, slots=True)
class Child:
    """One owned object.

    Attributes:
        role: what it is for, a `naming.Role`.
        item: camera ID or stage name; the guarded role for a network policy; else empty.
        body: the whole manifest. It carries the annotation `RENDERED_HASH`.
        create_only: made when missing, never overwritten nor read: it holds what is made up once, such as a password.
        kept: left alone where it stands, and not made where it does not.
    """

    role: str
    item: str
    body: dict[str, Any]
    create_only: bool = False
    kept: bool = False

    @property
    def key(self) -> ChildKey:
        """What the API server knows the object by, the namespace apart."""
        return (self.body["apiVersion"], self.body["kind"], self.body["metadata"]["name"])


def rendered_hash(body: dict[str, Any]) -> str:
    """16 hexadecimal digits over a manifest without its `RENDERED_HASH` annotation; equal for equal manifests."""
    metadata = body["metadata"]
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key != RENDERED_HASH}
    return short_hash({**body, "metadata": {**metadata, "annotations": annotations}})


def short_hash(value: object) -> str:
    """16 hexadecimal digits over a JSON value; equal for equal values, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=8).hexdigest()
