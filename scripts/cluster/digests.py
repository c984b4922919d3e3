"""Content hashes that name what is in the cache. Pure but for reading the files it is given."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["SHORT", "digest_of", "digest_of_file"]

SHORT = 12


def digest_of(parts: Iterable[str | bytes]) -> str:
    """A short hash of a sequence of parts; where one part ends and the next begins matters."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big"))
        whole.update(data)
    return whole.hexdigest()[:SHORT]


def digest_of_file(path: Path) -> str:
    """The hash of one file's bytes, in full."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
