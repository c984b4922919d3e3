"""Builds images with buildah in a storage of our own, and keeps each as an OCI archive named by its inputs.

Nothing of the user's container storage or configuration is used or changed. Machine settings that a build needs (certificates, pip's
package index, apt's mirror) are mounted while it runs and are in no image.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.cluster.commands import answer, run_logged, succeeds
from scripts.cluster.console import step
from scripts.cluster.context import context_digest, ignore_file
from scripts.cluster.debian import machine_apt_list
from scripts.cluster.digests import digest_of
from scripts.cluster.errors import ClusterError
from scripts.cluster.lock import locked
from scripts.cluster.paths import cache_root

__all__ = ["Making", "archive_path", "build_image", "ensure_stored", "pip_settings", "planned_archive"]

_KEPT_ARCHIVES = 3
_CERTIFICATES = Path("/etc/ssl/certs")
_RECIPE = "1"  # changed when the same inputs would build another image


def _buildah(*arguments: str) -> list[str]:
    root = cache_root() / "buildah"
    storage = ["--root", str(root / "root"), "--runroot", str(root / "run"), "--storage-driver", "overlay"]
    # buildah leaves its storage mounted; in a mount namespace of its own it goes with the process.
    return ["unshare", "--mount", "--propagation", "private", "buildah", *storage, *arguments]


def _stem(tag: str) -> str:
    return tag.replace("/", "_").replace(":", "_")


def archive_path(tag: str, key: str) -> Path:
    """Where the archive of an image with this tag and input hash is kept."""
    return cache_root() / "images" / f"{_stem(tag)}-{key}.tar"


def pip_settings(listing: str) -> dict[str, str]:
    """The settings of pip for reaching packages, from the text of ``pip config list``; certificates are those mounted."""
    wanted = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout")
    settings = {"cert": str(_CERTIFICATES / "ca-certificates.crt")}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        if name in wanted and key.startswith(("global.", "install.", ":env:.")):
            settings[name.removeprefix("default-")] = value.strip("'\"")
    return settings


def _pip_configuration() -> Path:
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    path = cache_root() / "buildah" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "[global]\n" + "".join(f"{key} = {value}\n" for key, value in pip_settings(listing).items()), encoding="utf-8"
    )
    path.chmod(0o644)  # builds may run pip as another user
    return path


def _apt_sources() -> list[str]:
    """The mirror of this machine, for steps that install Debian's packages; the image itself names Debian's own addresses."""
    path = cache_root() / "buildah" / "sources.list"
    try:
        text = machine_apt_list()
    except ClusterError:  # builds that install none need none
        return []
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return [f"{path}:/etc/apt/sources.list:ro"]


def _mounts() -> list[str]:
    mounts = [f"{_pip_configuration()}:/etc/pip.conf:ro", f"{_CERTIFICATES}:{_CERTIFICATES}:ro", *_apt_sources()]
    return [word for mount in mounts for word in ("--volume", mount)]


def _forget_older(archive: Path, tag: str) -> None:
    repository = _stem(tag.rpartition(":")[0] or tag)  # some tags are hashes themselves: every build has another
    archives = [path for path in archive.parent.glob(f"{repository}_*.tar") if path != archive]
    for path in sorted(archives, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT_ARCHIVES - 1 :]:
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Making:
    """How an image is made of the same inputs.

    Attributes:
        timestamp: seconds since 1970 that the image and every file of its layers get, so that two builds are the same; None for
            the time of the build.
        afresh: whether every step is run again, whatever earlier builds have left.
    """

    timestamp: int | None = None
    afresh: bool = False

    @property
    def options(self) -> list[str]:
        """Options of ``buildah bud``."""
        stamp = [] if self.timestamp is None else ["--timestamp", str(self.timestamp)]
        return [*stamp, *(["--no-cache"] if self.afresh else ["--layers"])]

    @property
    def key(self) -> list[str]:
        """What of it makes another image."""
        return [] if self.timestamp is None else [f"timestamp={self.timestamp}"]


_PLAIN = Making()


def _build(
    containerfile: Path, context: Path, tag: str, build_args: dict[str, str], archive: Path, making: Making
) -> None:
    log = cache_root() / "logs" / f"image-{_stem(tag)}.log"
    ignored = ignore_file(containerfile, context)
    command = _buildah(
        "bud", "--isolation", "chroot", "--pull-never", *making.options, "--tag", tag, "--file", str(containerfile), *_mounts(),
        *(["--ignorefile", str(ignored)] if ignored else []),
        *(word for key, value in sorted(build_args.items()) for word in ("--build-arg", f"{key}={value}")),
        str(context),
    )  # fmt: skip
    unfinished = archive.with_name(f".{archive.name}.{os.getpid()}")
    with step(f"build image {tag}", log):
        run_logged(f"build image {tag}", command, log)
        try:
            answer(
                f"store image {tag}",
                _buildah("push", tag, f"oci-archive:{unfinished}:{tag}"),
                seconds=600,
            )
            unfinished.rename(archive)
        finally:
            unfinished.unlink(missing_ok=True)


def planned_archive(
    containerfile: Path,
    context: Path,
    tag: str,
    build_args: dict[str, str] | None = None,
    *,
    key: str | None = None,
    making: Making = _PLAIN,
) -> Path:
    """The archive that `build_image` with the same arguments returns, built or not."""
    content = key or context_digest(context, ignore_file(containerfile, context))
    settings = [part for pair in sorted((build_args or {}).items()) for part in pair]
    return archive_path(tag, digest_of([_RECIPE, containerfile.read_bytes(), tag, content, *settings, *making.key]))


def build_image(
    containerfile: Path,
    context: Path,
    tag: str,
    build_args: dict[str, str] | None = None,
    *,
    key: str | None = None,
    making: Making = _PLAIN,
) -> Path:
    """Build an image, unless the same inputs were built before.

    Args:
        containerfile: The recipe; ``<its name>.containerignore`` beside it, or the context's ``.containerignore``, is obeyed.
        context: Folder that ``COPY`` reads from.
        tag: Full name, such as ``localhost/frametrace-operator:0.1.0``.
        build_args: Build arguments; ``BASE`` is `images.base_image` on this machine.
        key: Hash of the context where the caller knows it, to save reading large files.
        making: How the image is made; afresh, it is built also where its archive is there.

    Returns:
        The OCI archive, with the tag inside; `containerd.load` takes it.

    Raises:
        ClusterError: The build failed; the log is named.
    """
    archive = planned_archive(containerfile, context, tag, build_args, key=key, making=making)
    if archive.exists() and not making.afresh:
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with locked(cache_root() / "images.lock", f"building image {tag}"):
        if making.afresh or not archive.exists():
            _build(containerfile, context, tag, build_args or {}, archive, making)
            _forget_older(archive, tag)
    return archive


def ensure_stored(archive: Path, tag: str) -> None:
    """Make an archived image usable as ``FROM`` under its tag."""
    if succeeds(_buildah("inspect", "--type", "image", tag)):
        return
    with locked(cache_root() / "images.lock", f"storing image {tag}"):
        answer(f"store image {tag}", _buildah("pull", "--quiet", f"oci-archive:{archive}"), seconds=300)
