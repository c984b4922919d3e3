"""Connection: which cluster a person means. Values only."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Connection"]


@dataclass(frozen=True, slots=True)
class Connection:
    """Which cluster and namespace a person wants; empty: what the kubeconfig's current context says."""

    namespace: str = ""
    context: str = ""
    kubeconfig: Path | None = None
