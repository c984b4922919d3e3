"""Builds the operator's and the runtime's image twice from scratch, and compares: ``python -m scripts.images.reproducible``.

Nothing of an earlier build is used but the base image, which a build outside of this machine names by digest. The last line of
output is figure, bar and verdict.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from scripts.cluster.buildah import Making
from scripts.cluster.privileges import require_root
from scripts.images.build import TIMESTAMP, build_named
from scripts.supply.differences import differences
from scripts.supply.oci import read_image

__all__ = ["compared", "main"]

_NAMES = ("operator", "runtime")


def compared(name: str) -> tuple[str, list[str]]:
    """Build an image twice; returns the first build's digest, and what the second has otherwise.

    Raises:
        ClusterError: a build failed; it names the log.
    """
    reference = f"localhost/frametrace-twice-{name}:1"
    making = Making(TIMESTAMP, afresh=True)
    kept: list[Path] = []
    try:
        for turn in ("one", "two"):
            built = build_named(name, reference, making).archive
            kept.append(built.rename(built.with_suffix(f".{turn}")))
        return read_image(kept[0]).digest, differences(*kept)
    finally:
        for archive in kept:
            archive.unlink(missing_ok=True)


def main() -> int:
    """Compare both images; returns the exit code."""
    require_root(["-m", "scripts.images.reproducible"])
    figure = {}
    for name in _NAMES:
        digest, found = compared(name)
        figure[name] = {"digest": digest, "differs": found}
        print(f"{name}: {digest}, {found or 'the same twice'}", flush=True)
    ok = not any(each["differs"] for each in figure.values())
    print(json.dumps({"figure": figure, "bar": "two builds have the same digest", "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
