"""Builds the image with the costly handler on this checkout's runtime, and loads it into the local cluster."""

from __future__ import annotations

from pathlib import Path

from scripts.cluster.buildah import build_image, ensure_stored
from scripts.cluster.digests import digest_of
from scripts.images.build import build
from scripts.images.load import load

__all__ = ["costly_image"]

_FOLDER = Path(__file__).parent


def costly_image() -> str:
    """Its name.

    Raises:
        ClusterError: if it cannot be built or loaded.
    """
    runtime = build("runtime")
    ensure_stored(runtime.archive, runtime.reference)
    containerfile = _FOLDER / "costly.Containerfile"
    content = digest_of([containerfile.read_bytes(), (_FOLDER / "costly.py").read_bytes(), runtime.reference])
    tag = f"localhost/frametrace-costly:{content}"
    return load(build_image(containerfile, _FOLDER, tag, {"BASE": runtime.reference}, key=content))
