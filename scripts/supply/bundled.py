"""What Python packages bring in their wheels beside themselves: shared libraries, and what they say they are built of. Pure.

Two sources: a wheel's own bills (PEP 770: CycloneDX in `*.dist-info/sboms/`), and its folder of shared libraries, `NAME.libs`, whose
files a bill names only where a package manager knew them. What a wheel compiled into its own modules and tells nowhere stays unknown.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from scripts.supply.libraries import FFMPEG, LICENCES, ffmpeg_licence, ffmpeg_version, name_and_version
from scripts.supply.oci import Entry
from scripts.supply.package import NOT_STATED, Package

__all__ = ["FFMPEG_TOGETHER", "bundled_in_wheels", "read_for_bundled"]

_BILL = re.compile(r".*/(?P<owner>[^/]+?)-[^/-]+\.dist-info/sboms/[^/]+\.json")
_LIBRARY = re.compile(r".*/(?P<owner>[^/]+)\.libs/(?P<file>[^/]+\.so[^/]*)")
#: x264 and x265 are GPL-2.0-or-later: FFmpeg under LGPL-3.0-or-later, which is linked with them, can be passed on under this alone.
FFMPEG_TOGETHER = "GPL-3.0-or-later"


def read_for_bundled(path: str) -> bool:
    """Whether a file's content is needed to know what wheels bring."""
    return bool(_BILL.fullmatch(path) or _LIBRARY.fullmatch(path))


def bundled_in_wheels(tree: Mapping[str, Entry]) -> Iterator[Package]:
    """Give every part that the Python packages of an image's files bring; some bills name one several times."""
    libraries: list[Package] = []
    for path, entry in tree.items():
        if bill := _BILL.fullmatch(path):
            yield from _of_bill(canonicalize_name(bill["owner"]), json.loads(entry.content or b"{}"))
        elif (library := _LIBRARY.fullmatch(path)) and entry.content is not None:
            libraries.append(_library(path, canonicalize_name(library["owner"]), library["file"], entry.content))
    yield from libraries
    yield from _ffmpeg(libraries, tree)


def _of_bill(owner: str, bill: Mapping[str, Any]) -> Iterator[Package]:
    for each in bill.get("components", ()):
        if each.get("scope") == "excluded" or "purl" not in each:  # what it was built with, and is not in it
            continue
        url = PackageURL.from_string(each["purl"])
        if (url.type, canonicalize_name(url.name)) != ("pypi", owner):
            licence = _stated(each) or LICENCES.get(url.name, NOT_STATED)
            yield Package(url.type, url.name, url.version or "", licence, part_of=owner, url=each["purl"])


def _stated(component: Mapping[str, Any]) -> str:
    """The licences of a component as its bill has them: an expression, or several with an ID or a name."""
    licences = component.get("licenses") or []
    bodies = [each.get("license") or {} for each in licences]
    found = [
        each.get("expression") or body.get("id") or body.get("name")
        for each, body in zip(licences, bodies, strict=True)
    ]
    return " AND ".join(filter(None, found))


def _library(path: str, owner: str, file: str, content: bytes) -> Package:
    name, version = name_and_version(file)
    licence = ffmpeg_licence(content) if name in FFMPEG else LICENCES.get(name, "")
    digest = hashlib.sha256(content).hexdigest()
    return Package("generic", name, version, licence or NOT_STATED, part_of=owner, file=path, sha256=digest)


def _ffmpeg(libraries: list[Package], tree: Mapping[str, Entry]) -> Iterator[Package]:
    """FFmpeg itself, for each package that brings it: known weaknesses are told of it and its version, not of its libraries."""
    for owner in sorted({each.part_of for each in libraries if each.name in FFMPEG}):
        theirs = [each for each in libraries if each.part_of == owner]
        own = [each for each in theirs if each.name in FFMPEG]
        version = next(filter(None, (ffmpeg_version(tree[each.file].content or b"") for each in own)), "")
        with_gpl = any(each.licence.startswith("GPL-") for each in theirs)
        yield Package("generic", "ffmpeg", version, FFMPEG_TOGETHER if with_gpl else own[0].licence, part_of=owner)
