"""The cluster that the demo runs on, and kubectl and helm pointed at it. Knows nothing of what is installed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.cluster.build import binary
from scripts.cluster.commands import answer
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import Layout
from scripts.cluster.pins import CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Target", "helm_environment"]


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster: the local one, or the one behind a context of the user's own kubeconfig, which is only read.

    Args:
        context: The context's name; empty for the local cluster.
        kubeconfig: The user's kubeconfig where it is not kubectl's default.
    """

    context: str = ""
    kubeconfig: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is the local cluster, which the demo may bring up and take down."""
        return self.context in ("", CONTEXT)

    def kubectl(self, *arguments: str) -> list[str]:
        """Return the command line of kubectl with ``arguments``."""
        return [_program("kubectl"), *self._access("--context"), *arguments]

    def helm(self, *arguments: str) -> list[str]:
        """Return the command line of helm with ``arguments``."""
        return [_program("helm"), *arguments, *self._access("--kube-context")]

    def _access(self, option: str) -> list[str]:
        if self.is_local:
            return ["--kubeconfig", str(Layout.of_user().kubeconfig)]
        return [option, self.context, *(["--kubeconfig", self.kubeconfig] if self.kubeconfig else [])]

    def ask(self, step: str, *arguments: str, stdin: str | None = None, seconds: float = 120) -> str:
        """Run kubectl and return what it prints.

        Raises:
            ClusterError: it failed; the error names ``step``.
        """
        return answer(step, self.kubectl(*arguments), stdin=stdin, seconds=seconds)

    def read(self, step: str, *arguments: str) -> dict[str, Any]:
        """Run ``kubectl get`` with ``arguments`` and return its JSON.

        Raises:
            ClusterError: it failed; the error names ``step``.
        """
        answered: dict[str, Any] = json.loads(self.ask(step, "get", *arguments, "-o", "json"))
        return answered


def _program(name: str) -> str:
    built = binary(name)
    found = str(built) if built.exists() else shutil.which(name)
    if not found:
        raise ClusterError(f"find {name}", f"{name} is neither built nor on PATH: run python -m scripts.cluster build")
    return found


def helm_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which helm keeps its own files in ``folder`` and not in the user's home."""
    homes = {f"HELM_{kind}_HOME": str(folder / "helm" / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    return {**os.environ, **homes}
