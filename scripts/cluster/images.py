"""The images that the cluster itself needs or offers: pause, CoreDNS, Jaeger, Redis, Prometheus, and the base of all others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scripts.cluster.build import binary
from scripts.cluster.buildah import build_image, ensure_stored, planned_archive
from scripts.cluster.commands import answer
from scripts.cluster.console import step
from scripts.cluster.debian import bootstrap
from scripts.cluster.digests import SHORT, digest_of, digest_of_file
from scripts.cluster.lock import locked
from scripts.cluster.paths import SOURCE, cache_root
from scripts.cluster.pins import BASE_PACKAGES, BASE_SUITE, COREDNS_VERSION, JAEGER_VERSION

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "COREDNS_IMAGE",
    "JAEGER_IMAGE",
    "PAUSE_IMAGE",
    "PROMETHEUS_IMAGE",
    "REDIS_IMAGE",
    "base_image",
    "cluster_images",
]

_FOLDER = SOURCE / "containerfiles"
_BASE_RECIPE = "2"  # changed when the base must be made anew
PAUSE_IMAGE = "localhost/pause:1"
COREDNS_IMAGE = f"localhost/coredns:{COREDNS_VERSION.removeprefix('v')}"
JAEGER_IMAGE = f"localhost/jaeger:{JAEGER_VERSION}"
REDIS_IMAGE = "localhost/redis:7.0"
PROMETHEUS_IMAGE = "localhost/prometheus:2.42"


def _containerfile(name: str) -> Path:
    return _FOLDER / f"{name}.Containerfile"


def _context(name: str) -> Path:
    folder = cache_root() / "contexts" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _base_archive() -> tuple[Path, str]:
    key = digest_of([_BASE_RECIPE, BASE_SUITE, *BASE_PACKAGES, _containerfile("base").read_bytes()])
    tag = f"localhost/frametrace-base:{key}"
    context = _context(f"base-{key}")
    root = context / "root.tar"
    with locked(cache_root() / "base.lock", "making the base image"):
        if not root.exists():
            with step("make the base image's Debian by debootstrap"):
                bootstrap(root)
    return build_image(_containerfile("base"), context, tag, key=key), tag


def base_image() -> str:
    """The image that others are built on here: Debian with Python 3.11, venv and CA certificates.

    Returns:
        Its tag, ready to be given to `buildah.build_image` as the build argument ``BASE``.

    Raises:
        ClusterError: It could not be made; the log is named.
    """
    archive, tag = _base_archive()
    ensure_stored(archive, tag)
    return tag


def _pause() -> Path:
    source = _FOLDER / "pause.c"
    key = digest_of_file(source)
    context = _context(f"pause-{key[:SHORT]}")
    program = context / "pause"
    if not program.exists():
        unfinished = context / f".pause.{os.getpid()}"
        answer("compile pause", ["gcc", "-Os", "-static", "-s", "-Wall", "-Werror", "-o", str(unfinished), str(source)])
        unfinished.rename(program)
    return build_image(_containerfile("pause"), context, PAUSE_IMAGE, key=key)


def _of_binary(command: str, tag: str) -> Path:
    program = binary(command)
    # The folder's name is the hash of the pins: the binary need not be read again.
    return build_image(_containerfile(command), program.parent, tag, key=program.parent.name)


def _on_base(name: str, tag: str) -> Path:
    _, base = _base_archive()
    containerfile, context = _containerfile(name), _context("empty")
    if not planned_archive(containerfile, context, tag, {"BASE": base}, key=name).exists():
        base_image()
    return build_image(containerfile, context, tag, {"BASE": base}, key=name)


def cluster_images() -> list[Path]:
    """Archives of all images that `up` loads, pause first; built where they are missing.

    Raises:
        ClusterError: A build failed; the log is named.
    """
    return [
        _pause(),
        _of_binary("coredns", COREDNS_IMAGE),
        _of_binary("jaeger", JAEGER_IMAGE),
        _on_base("redis", REDIS_IMAGE),
        _on_base("prometheus", PROMETHEUS_IMAGE),
        _base_archive()[0],
    ]
