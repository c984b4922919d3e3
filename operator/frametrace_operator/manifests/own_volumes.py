"""Volumes that a pipeline's owner asks for, as parts of a pod's template."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from frametrace_api.volumes import Access, Volume

__all__ = ["own_mount", "own_volume"]


def own_volume(volume: Volume) -> dict[str, Any]:
    """The entry in the pod's `volumes`."""
    claim, empty = volume.persistent_volume_claim, volume.empty_dir
    if claim is not None:
        read_only = {"readOnly": True} if claim.access is Access.READ_ONLY else {}
        return {"name": _name(volume), "persistentVolumeClaim": {"claimName": claim.claim_name, **read_only}}
    assert empty is not None
    return {"name": _name(volume), "emptyDir": {"sizeLimit": empty.size_limit}}


def own_mount(volume: Volume) -> dict[str, Any]:
    """The entry in the container's `volumeMounts`."""
    claim = volume.persistent_volume_claim
    read_only = {"readOnly": True} if claim is not None and claim.access is Access.READ_ONLY else {}
    return {"name": _name(volume), "mountPath": volume.mount_path, **read_only}


def _name(volume: Volume) -> str:
    """By the path, so that another order restarts nothing."""
    return f"own-{blake2b(volume.mount_path.encode(), digest_size=4).hexdigest()}"
