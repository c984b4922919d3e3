"""Shards: several operators may share a cluster, each looking after the pipelines that carry its shard's label.

An operator without a shard looks after the pipelines without the label. Pure.
"""

from collections.abc import Mapping
from typing import Any, Final

from frametrace_api.group import GROUP

__all__ = ["SHARD", "belongs", "selector"]

SHARD: Final = f"{GROUP}/shard"
"""Label of a pipeline: the shard whose operator looks after it."""


def selector(shard: str) -> str:
    """The label selector of a shard's pipelines."""
    return f"{SHARD}={shard}" if shard else f"!{SHARD}"


def belongs(resource: Mapping[str, Any], shard: str) -> bool:
    """Whether a pipeline is one of this shard."""
    return bool((resource["metadata"].get("labels") or {}).get(SHARD, "") == shard)
