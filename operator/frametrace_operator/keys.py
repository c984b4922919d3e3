"""PipelineKey: what the queue, the book and the logs know a pipeline by. Values only."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from frametrace_api.group import GROUP, KIND, LABEL_PIPELINE

from frametrace_operator.naming import INSTANCE

__all__ = ["PipelineKey", "pipeline_of"]


class PipelineKey(NamedTuple):
    """Namespace and name of a custom resource."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def pipeline_of(kind: str, body: Mapping[str, Any]) -> PipelineKey | None:
    """Whose object it is; None if it belongs to no pipeline.

    A pipeline is its own. A child is its owner's, whatever somebody made of its labels; a pod, which has another owner, is
    its labels', and one of them is enough.
    """
    metadata = body["metadata"]
    name = metadata["name"] if kind == KIND else _owner(metadata) or _labelled(metadata)
    return PipelineKey(metadata["namespace"], name) if name else None


def _owner(metadata: Mapping[str, Any]) -> str:
    owners = metadata.get("ownerReferences") or ()
    ours = (owner for owner in owners if owner["kind"] == KIND and owner["apiVersion"].startswith(f"{GROUP}/"))
    return next((str(owner["name"]) for owner in ours if owner.get("controller")), "")


def _labelled(metadata: Mapping[str, Any]) -> str:
    labels = metadata.get("labels") or {}
    return str(labels.get(LABEL_PIPELINE) or labels.get(INSTANCE, "").rpartition("-")[0])
