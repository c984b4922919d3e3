"""Brings built images into a cluster: the local one, kind or k3d; for any other it says what a person must do."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from scripts.cluster import containerd
from scripts.cluster.commands import answer
from scripts.cluster.errors import ClusterError
from scripts.cluster.pins import CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command_for", "load"]

_SECONDS = 600.0


def load(archive: Path, context: str = "") -> str:
    """Load ``archive`` into the cluster of the kubeconfig context (empty: the local cluster); returns the image's name.

    Raises:
        ClusterError: the cluster is down, its tool is missing or fails, or nobody knows how to load images there.
    """
    if context in ("", CONTEXT):
        return containerd.load(archive)
    reference = containerd.read_archive(archive).reference
    command = command_for(context, archive)
    if not command:
        raise ClusterError(
            f"load {reference}",
            f"images cannot be loaded into the context {context!r} from here (kind-… and k3d-… can): "
            f"push {archive} to a registry that its nodes reach, and install the chart with image values of your own",
        )
    if not shutil.which(command[0]):
        raise ClusterError(f"load {reference}", f"the context {context!r} needs the program {command[0]!r} on PATH")
    answer(f"load {reference}", command, seconds=_SECONDS)
    return reference


def command_for(context: str, archive: Path) -> list[str]:
    """Return the command that loads ``archive`` into the cluster behind ``context``; empty where none is known."""
    kind, _, name = context.partition("-")
    if kind == "kind" and name:
        return ["kind", "load", "image-archive", str(archive), "--name", name]
    if kind == "k3d" and name:
        return ["k3d", "image", "import", str(archive), "--cluster", name]
    return []
