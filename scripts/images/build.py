"""Builds the product's images from this checkout, on the local base image, and keeps them as OCI archives."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.camera.clip import ClipSpec, cached_clip
from scripts.cluster.buildah import Making, build_image
from scripts.cluster.images import base_image, cluster_images
from scripts.cluster.lock import locked
from scripts.cluster.paths import cache_root
from scripts.images.catalogue import ROOT, recipe

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TIMESTAMP", "BuiltImage", "build", "build_named", "third_party"]

#: Of images and the files in their layers: what a build makes depends on its inputs, not on when it was made.
TIMESTAMP = 1735689600

_KEPT = 2
_CLIPS = {"large": ClipSpec(), "small": ClipSpec(640, 360, 15)}
_CAMERA_FILES = ("camera/__init__.py", "camera/clipfile.py", "camera/server.py", "images/camera_files.py")


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image that is ready to be loaded: its reference, and the OCI archive (uncompressed) that holds it."""

    reference: str
    archive: Path

    @property
    def megabytes(self) -> float:
        """The size of the archive, which is that of all layers."""
        return self.archive.stat().st_size / 1e6


def build(name: str) -> BuiltImage:
    """Build an image (operator, runtime or camera) unless this very content was built before.

    Raises:
        ClusterError: a build failed; it names the log.
        KeyError: there is no such image.
    """
    with locked(cache_root() / "locks" / f"image-{name}", f"build of image {name}"):
        wanted = recipe(name, _camera_context() if name == "camera" else ROOT)
        base = base_image()
        tag = wanted.tag(base)
        archive = build_image(
            wanted.containerfile, wanted.context, tag, {"BASE": base}, key=wanted.content, making=Making(TIMESTAMP)
        )
        _forget_older(name, archive)
    return BuiltImage(tag, archive)


def build_named(name: str, reference: str, making: Making) -> BuiltImage:
    """Build an image under a name of the caller's: for a release, or to be compared with another build.

    Raises:
        ClusterError: a build failed; it names the log.
        KeyError: there is no such image.
    """
    wanted = recipe(name, _camera_context() if name == "camera" else ROOT)
    base = base_image()
    archive = build_image(
        wanted.containerfile, wanted.context, reference, {"BASE": base}, key=wanted.content, making=making
    )
    return BuiltImage(reference, archive)


def third_party() -> list[Path]:
    """Return the archives of the images that a pipeline and the demo take from others: Redis, Jaeger, Prometheus."""
    wanted = ("localhost_redis", "localhost_jaeger", "localhost_prometheus")
    return [archive for archive in cluster_images() if archive.name.startswith(wanted)]


def _camera_context() -> Path:
    folder = cache_root() / "contexts" / "camera"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "clips").mkdir(parents=True)
    for name, spec in _CLIPS.items():
        (folder / "clips" / f"{name}.clip").hardlink_to(cached_clip(spec))
    for name in _CAMERA_FILES:
        (folder / "scripts" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "scripts" / name, folder / "scripts" / name)
    return folder


def _forget_older(name: str, keep: Path) -> None:
    archives = [path for path in keep.parent.glob(f"localhost_frametrace-{name}_*.tar") if path != keep]
    for archive in sorted(archives, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        archive.unlink(missing_ok=True)
