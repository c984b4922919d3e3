"""Reads an OCI archive with one image: digests, sizes, and the files that its layers leave. Loads nothing, runs nothing."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

__all__ = ["Entry", "Image", "Layer", "open_layer", "read_image", "read_tree"]

_REFERENCE = "org.opencontainers.image.ref.name"
_REMOVED = ".wh."


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer.

    Attributes:
        digest: of the layer as it is stored, `sha256:…`.
        content: of its files, whatever they are packed with.
        bytes: its size as it is stored.
    """

    digest: str
    content: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image in an archive.

    Attributes:
        reference: its name.
        digest: its manifest's: whoever pulls by it gets this very image.
        layers: the lowest first.
        config: how it is run, and its history.
    """

    reference: str
    digest: str
    layers: tuple[Layer, ...]
    config: dict[str, Any] = field(hash=False)

    @property
    def bytes(self) -> int:
        """What a node downloads that has none of its layers."""
        return sum(layer.bytes for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, folder or link of a layer.

    Attributes:
        about: kind, mode, owner, time and link, as text that can be compared.
        content: its bytes where they were asked for, of files only.
        link: where it leads, if it is a symbolic link.
    """

    about: str
    content: bytes | None = None
    link: str = ""


def read_image(archive: Path) -> Image:
    """Read what an archive says of its image.

    Raises:
        OSError, tarfile.TarError, ValueError, KeyError: it is no OCI archive with one image.
    """
    with tarfile.open(archive) as tar:
        [manifest] = _json(tar, "index.json")["manifests"]
        inner = _json(tar, _blob(manifest["digest"]))
        config = _json(tar, _blob(inner["config"]["digest"]))
    contents = config["rootfs"]["diff_ids"]
    layers = tuple(
        Layer(layer["digest"], content, layer["size"]) for layer, content in zip(inner["layers"], contents, strict=True)
    )
    return Image(manifest.get("annotations", {}).get(_REFERENCE, ""), manifest["digest"], layers, config)


@contextmanager
def open_layer(archive: Path, layer: Layer) -> Iterator[tarfile.TarFile]:
    """Give the layer's files as a tar archive."""
    with tarfile.open(archive) as tar, tarfile.open(fileobj=_member(tar, _blob(layer.digest)), mode="r:*") as files:
        yield files


def read_tree(archive: Path, wanted: Callable[[str], bool]) -> dict[str, Entry]:
    """Return what a container of the image sees, by path without a leading slash; contents of `wanted` files only."""
    tree: dict[str, Entry] = {}
    for layer in read_image(archive).layers:
        with open_layer(archive, layer) as files:
            for member in files:
                _put(tree, member, files, wanted)
    return tree


def _put(
    tree: dict[str, Entry], member: tarfile.TarInfo, files: tarfile.TarFile, wanted: Callable[[str], bool]
) -> None:
    path = PurePosixPath(member.name.removeprefix("./"))
    if path.name.startswith(_REMOVED):
        _remove(tree, path)
        return
    # a file that has two names in a layer is a hard link at the second
    content = files.extractfile(member) if (member.isfile() or member.islnk()) and wanted(str(path)) else None
    about = f"{member.type!r} {member.mode:o} {member.uid}:{member.gid} {member.mtime} {member.linkname}"
    tree[str(path)] = Entry(about, content.read() if content else None, member.linkname if member.issym() else "")


def _remove(tree: dict[str, Entry], path: PurePosixPath) -> None:
    gone = path.parent if path.name == ".wh..wh..opq" else path.with_name(path.name.removeprefix(_REMOVED))
    for name in [name for name in tree if name == str(gone) or name.startswith(f"{gone}/")]:
        del tree[name]


def _json(tar: tarfile.TarFile, name: str) -> Any:
    return json.load(_member(tar, name))


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _blob(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"blobs/{algorithm}/{value}"
