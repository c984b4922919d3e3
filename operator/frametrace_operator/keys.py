"""PipelineKey: what the queue, the book and the logs know a pipeline by. A value only."""

from typing import NamedTuple

__all__ = ["PipelineKey"]


class PipelineKey(NamedTuple):
    """Namespace and name of a custom resource."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
