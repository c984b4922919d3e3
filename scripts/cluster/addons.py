"""Applies what every cluster has besides its processes: cluster DNS and storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.cluster.build import binary
from scripts.cluster.commands import answer
from scripts.cluster.digests import digest_of
from scripts.cluster.images import COREDNS_IMAGE
from scripts.cluster.rendering import VOLUMES, render

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["ensure_addons"]

_VOLUME_MODE = 0o777  # pods of any user write to them, as on a provisioned volume with fsGroup


def ensure_addons(layout: Layout) -> None:
    """Apply the manifests unless this cluster has these very ones.

    Raises:
        ClusterError: The API server refused one.
    """
    manifests = render("addons.yaml", layout, coredns=COREDNS_IMAGE, volumes=VOLUMES)
    applied = layout.config / "addons.applied"
    if applied.exists() and applied.read_text(encoding="ascii") == digest_of([manifests]):
        return
    for number in range(1, VOLUMES + 1):
        folder = layout.volumes / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_VOLUME_MODE)
    command = [
        str(binary("kubectl")),
        "--kubeconfig",
        str(layout.kubeconfig),
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        "-",
    ]
    answer("apply cluster DNS and storage", command, stdin=manifests)
    applied.write_text(digest_of([manifests]), encoding="ascii")
