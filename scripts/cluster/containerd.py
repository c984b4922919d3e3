"""Talks to our own containerd through ``ctr``: images in, containers out."""

from __future__ import annotations

import json
import tarfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.cluster.commands import answer, succeeds
from scripts.cluster.console import say
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "ArchivedImage",
    "forget_images",
    "is_answering",
    "load",
    "loaded_images",
    "read_archive",
    "remove_containers",
]

_NAMESPACE = "k8s.io"
_REMOVAL_SECONDS = 15.0
_REFERENCE = "org.opencontainers.image.ref.name"


@dataclass(frozen=True, slots=True)
class ArchivedImage:
    """What an OCI archive says of the image in it.

    Args:
        reference: Its full name with tag.
        digest: Its manifest's digest, ``sha256:…``.
    """

    reference: str
    digest: str


def _ctr(layout: Layout, *arguments: str) -> list[str]:
    return ["ctr", "--address", str(layout.containerd_socket), "--namespace", _NAMESPACE, *arguments]


def is_answering(layout: Layout) -> bool:
    """Whether our containerd answers on its socket."""
    return layout.containerd_socket.exists() and succeeds(_ctr(layout, "version"), seconds=5)


def read_archive(archive: Path) -> ArchivedImage:
    """Read name and digest from an OCI archive.

    Raises:
        ClusterError: It is no OCI archive with one named image.
    """
    try:
        with tarfile.open(archive) as tar:
            member = tar.extractfile("index.json")
            index = json.load(member) if member else {}
        [manifest] = index["manifests"]
        return ArchivedImage(manifest["annotations"][_REFERENCE], manifest["digest"])
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise ClusterError("load an image", f"{archive} is no OCI archive with one named image ({error})") from error


def loaded_images(layout: Layout) -> dict[str, str]:
    """Images that the kubelet can use: reference → manifest digest."""
    rows = [line.split() for line in answer("list images", _ctr(layout, "images", "ls")).splitlines()[1:]]
    return {row[0]: row[2] for row in rows}


def load(archive: Path, layout: Layout | None = None) -> str:
    """Import an OCI archive so that pods can use it with ``imagePullPolicy: IfNotPresent``; the same digest is not imported again.

    Args:
        archive: As `buildah.build_image` returns it.
        layout: The cluster; this user's when left out.

    Returns:
        The image's reference.

    Raises:
        ClusterError: It is no archive, the cluster is down, or the import failed.
    """
    layout = layout or Layout.of_user()
    image = read_archive(archive)
    if not is_answering(layout):
        raise ClusterError(f"load {image.reference}", "the local cluster is not up; run `python -m scripts.cluster up`")
    if loaded_images(layout).get(image.reference) != image.digest:
        say(f"→ load {image.reference}")
        answer(f"load {image.reference}", _ctr(layout, "images", "import", str(archive)), seconds=300)
        if loaded_images(layout).get(image.reference) != image.digest:
            raise ClusterError(
                f"load {image.reference}", f"containerd took {archive} but does not list it under this name"
            )
    return image.reference


def forget_images(layout: Layout, archives: Iterable[Path]) -> list[str]:
    """Remove images that are in none of these archives: what a cluster may need can be imported again. Returns their names.

    Only for a node without containers.
    """
    kept = {read_archive(archive).digest for archive in archives}
    stale = [name for name, digest in loaded_images(layout).items() if digest not in kept]
    if stale:
        answer("forget old images", _ctr(layout, "images", "rm", *stale))
    return stale


def remove_containers(layout: Layout) -> int:
    """End and forget every container, running or not; images stay. Returns how many there were.

    Raises:
        ClusterError: Some cannot be removed.
    """
    containers = found = answer("list containers", _ctr(layout, "containers", "ls", "-q")).split()
    deadline = time.monotonic() + _REMOVAL_SECONDS
    while containers:
        if time.monotonic() > deadline:
            raise ClusterError("remove containers", f"still there: {', '.join(containers)}")
        # containerd's own kubelet part removes them at the same time: either may come first, only the end counts.
        tasks = [line.split()[0] for line in answer("list tasks", _ctr(layout, "tasks", "ls")).splitlines()[1:]]
        succeeds(_ctr(layout, "tasks", "rm", "--force", *tasks))
        succeeds(_ctr(layout, "containers", "rm", *containers))
        containers = answer("list containers", _ctr(layout, "containers", "ls", "-q")).split()
    return len(found)
