"""OCI archives of a few files, for tests."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["SameFile", "write_archive"]


class SameFile(str):
    """The path of a file of the same layer, of which this is a second name."""

    __slots__ = ()


def write_archive(path: Path, layers: Sequence[Mapping[str, str | bytes]], created: str = "then") -> Path:
    """Write an archive; a file's content as text is a link to there (`SameFile`: a hard one), `.wh.` names remove what lies below."""
    blobs = [_layer(files) for files in layers]
    config = {"created": created, "rootfs": {"diff_ids": [_digest(blob) for blob in blobs]}}
    manifest = {
        "config": {"digest": _digest(_json(config))},
        "layers": [{"digest": _digest(blob), "size": len(blob)} for blob in blobs],
    }
    named = {"org.opencontainers.image.ref.name": "localhost/frametrace-operator:1"}
    index = {"manifests": [{"digest": _digest(_json(manifest)), "annotations": named}]}
    with tarfile.open(path, "w") as tar:
        for blob in (*blobs, _json(config), _json(manifest)):
            _add(tar, f"blobs/sha256/{_digest(blob).removeprefix('sha256:')}", blob)
        _add(tar, "index.json", _json(index))
    return path


def _layer(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            _add(tar, name, content)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: str | bytes) -> None:
    member = tarfile.TarInfo(name)
    if isinstance(content, str):
        member.type = tarfile.LNKTYPE if isinstance(content, SameFile) else tarfile.SYMTYPE
        member.linkname = content
        tar.addfile(member)
    else:
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
