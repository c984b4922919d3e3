"""docs/reference/images.md: what images hold and how large they are, from docs/reference/images.json, which `report` writes.

``python -m scripts.images.page`` writes the page again; ``--check`` only compares.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from scripts.reference.pages import REFERENCE, keep
from scripts.supply.oci import Image
from scripts.supply.package import Package

__all__ = ["DATA", "PAGE", "main", "measured", "page"]

DATA, PAGE = REFERENCE / "images.json", REFERENCE / "images.md"
_LAYERS = ("base: Debian with Python 3.11", "dependencies, by hash", "Frametrace's own code")
_HEAD = """# Images

Measured by `python -m scripts.images report`; not edited by hand. Sizes are those of an OCI archive as it is built here, on a
Debian made by debootstrap; on `python:3.11-slim-bookworm`, the Containerfiles' default base, that base's own size takes the place of the first.

| image | whole | {layers} | Debian packages | Python packages |
|---|---|---|---|---|---|---|
"""
_TAIL = """
- **Built to be reproducible.** Files and image carry one time stamp, wheels are built by hash-locked tools, and modules are compiled once with
  checksums. `python -m scripts.images.reproducible` builds both twice from scratch and compares digests, or names what
  differs; `make prove` keeps [what it found](proofs.md), once it was run. Builds are for one base: name yours by digest (`--build-arg BASE=python@sha256:…`).
- **Pinned.** Every Python package by version and hash (`*/requirements.lock`, `scripts/images/build.lock`). The base is not: its tag moves, its digest is known
  where a registry is, and Debian's mirrors have the newest of each package only. Name it by digest, and see in the bill of materials which versions it brought.
  The local base names Debian's own addresses for apt, whichever mirror it was made from, and holds nothing else of the machine that made it.
- **Listed.** `make release` writes a CycloneDX bill of materials of each image, from the files in it, and the list of licences. Both have the shared
  libraries that wheels bring (`av.libs`, `numpy.libs`), each with its hash and the version of its interface, FFmpeg with its own version, and what wheels' own bills (PEP 770) name.
  What a wheel compiled into its modules without telling so, such as grpcio its TLS, is in no list.
- **Licences.** The runtime's image holds FFmpeg, linked with x264 and x265: it is passed on under **GPL-3.0-or-later**, as its label says, and `LICENCES.md` says what
  that asks of you. Frametrace's own code is under Apache-2.0. Frametrace decodes and writes JPEG only; an image with a PyAV built on an FFmpeg without x264 and x265 does all that it does.
- **Small.** Tests, headers and type stubs are removed, no shell tool is added, and own code is a layer of its own: a new version
  of Frametrace with the same dependencies brings the last layer only.
- **Checked.** `make check` runs bandit over all that is shipped, and ruff's rules of the same origin over the rest, and asks pip-audit
  for known weaknesses of every locked package. Its data is at OSV: a machine that does not reach it is told that nothing was looked up (`make audit` does it alone).
"""


def measured(image: Image, packages: Iterable[Package]) -> dict[str, Any]:
    """Return what the page says of an image."""
    kinds = [package.kind for package in packages]
    layers = [layer.bytes for layer in image.layers]
    return {"layers": layers, "debian": kinds.count("deb"), "python": kinds.count("pypi")}


def page(data: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page's text."""
    rows = "".join(_row(name, found) for name, found in data.items())
    return f"{_HEAD.format(layers=' | '.join(_LAYERS))}{rows}{_TAIL}"


def _row(name: str, found: Mapping[str, Any]) -> str:
    sizes = [sum(found["layers"]), *found["layers"]]
    cells = [*(f"{size / 1e6:.1f} MB" for size in sizes), str(found["debian"]), str(found["python"])]
    return f"| {name} | {' | '.join(cells)} |\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return keep({PAGE: page(data)}, "scripts.images.page", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
