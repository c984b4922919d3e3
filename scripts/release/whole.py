"""A release as a whole: every part in its order, in a folder that holds nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.cluster.errors import ClusterError
from scripts.images.build import build_named
from scripts.release.artifacts import SUMS, Build, write_chart, write_images, write_sums, write_wheels
from scripts.release.manifest import write_manifest
from scripts.release.registry import LOCAL

__all__ = ["emptied", "write_release"]


def write_release(folder: Path, version: str, logs: Path, registry: str = LOCAL, build: Build = build_named) -> Path:
    """Write wheels, chart, install.yaml, images with their bills of materials, licences and checksums; returns these.

    Raises:
        ClusterError: the folder is somebody else's, or a part cannot be made; it names the log.
    """
    emptied(folder)
    write_wheels(folder, logs)
    write_chart(folder, version, logs, registry)
    write_manifest(folder, version, registry)
    write_images(folder, version, registry, build)
    return write_sums(folder)


def emptied(folder: Path) -> None:
    """Make a folder, or empty one that an earlier release was written to.

    Raises:
        ClusterError: there is something else in it.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMS).is_file():
        raise ClusterError("empty the folder of the release", f"{folder} holds files and no {SUMS}: it is no release's")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / SUMS).touch()  # so that what fails on the way is known as a release's the next time
