"""A certificate authority and a server's certificate for loopback, made anew where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.cluster.certificates import Identity, issue, make_authority

__all__ = ["LoopbackTLS"]


@dataclass(frozen=True, slots=True)
class LoopbackTLS:
    """Files of a server on 127.0.0.1, which its owner alone may read.

    Attributes:
        authority: what clients check against.
    """

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def make(cls, folder: Path, name: str = "server") -> LoopbackTLS:
        """Make an authority, and by it a certificate for 127.0.0.1 and localhost; good for clients as well."""
        identity = Identity(name, names=("localhost",), addresses=("127.0.0.1",))
        issue(folder, name, identity, make_authority(folder, f"{name}-ca"))
        return cls(folder / f"{name}.crt", folder / f"{name}.key", folder / f"{name}-ca.crt")
