"""A directory of a container that its owner asks for: on a claim of theirs, or empty and gone with the pod.

Two kinds and no more: both are allowed by the `restricted` standard, and neither reaches into the node.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from frametrace_api.base import ApiModel
from frametrace_api.rules import Rule, matching
from frametrace_api.scalars import DnsName, StorageSize

__all__ = ["Access", "ClaimVolume", "EmptyVolume", "MountPath", "Volume"]

_SYSTEM = "bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|tmp|usr"
_SYSTEM_WORDS = (
    "a volume must not hide a directory of the system or of the operator; mount it below another, such as /data"
)

MountPath = Annotated[
    str,
    Field(min_length=2, max_length=128),
    matching(
        r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+",
        "a mount path is absolute, of letters, digits, dots, underscores and hyphens, such as /data/archive",
    ),
    Rule(
        cel=f"!self.matches('^/({_SYSTEM})(/|$)')",
        message=_SYSTEM_WORDS,
        message_expression=f"'{_SYSTEM_WORDS}; got ' + self",
        holds=lambda path: path.split("/", 2)[1] not in _SYSTEM.split("|"),
    ),
]
"""Absolute path of a directory in a container."""


class Access(StrEnum):
    """What a pod may do with a claim."""

    READ_WRITE = "ReadWrite"
    READ_ONLY = "ReadOnly"


class ClaimVolume(ApiModel):
    """A PersistentVolumeClaim in the pipeline's namespace."""

    claim_name: DnsName
    """Name of the claim, which you make and keep. Pods on several nodes need one with access mode ReadWriteMany."""
    access: Access = Access.READ_WRITE
    """ReadWrite, or ReadOnly. Left out: ReadWrite."""


class EmptyVolume(ApiModel):
    """An empty directory, gone with its pod."""

    size_limit: StorageSize
    """Bytes above which the pod is ended, 64Mi to 64Ti."""


class Volume(ApiModel):
    """A directory and what is in it; exactly one kind of volume."""

    mount_path: MountPath
    """Where the directory is in the container, such as /data/archive."""
    persistent_volume_claim: ClaimVolume | None = None
    """A PersistentVolumeClaim of yours: what is written to it stays. Left out: emptyDir is set."""
    empty_dir: EmptyVolume | None = None
    """An empty directory of each pod's own. Left out: persistentVolumeClaim is set."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="has(self.persistentVolumeClaim) != has(self.emptyDir)",
            message="set exactly one of persistentVolumeClaim and emptyDir",
            holds=lambda volume: (volume.persistent_volume_claim is None) != (volume.empty_dir is None),
        ),
    )
