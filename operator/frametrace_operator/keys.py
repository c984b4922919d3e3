"""PipelineKey: what the queue, the book and the logs know a pipeline by. Values only."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from frametrace_api.group import KIND, LABEL_PIPELINE

__all__ = ["PipelineKey", "pipeline_of"]


class PipelineKey(NamedTuple):
    """Namespace and name of a custom resource."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def pipeline_of(kind: str, body: Mapping[str, Any]) -> PipelineKey | None:
    """Whose object it is: a pipeline is its own, a child its label's; None if it belongs to no pipeline."""
    metadata = body["metadata"]
    name = metadata["name"] if kind == KIND else (metadata.get("labels") or {}).get(LABEL_PIPELINE)
    return PipelineKey(metadata["namespace"], name) if name else None
