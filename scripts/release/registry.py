"""A release for a registry: the chart as it is given out names images there, and a script pushes them under these names. Computes only.

`python -m scripts.release --registry registry.example/cams` (`make release REGISTRY=…`) asks for it. Without one the images are called
`localhost/…`, as they are on a machine that has loaded them, and no other node can pull them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

__all__ = ["LOCAL", "checked", "in_readme", "in_values", "push_script", "reference", "values_by_digest"]

LOCAL = "localhost"
_REGISTRY = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
_PUSH = """#!/bin/sh
# Pushes the images of this folder to {registry}, as the chart and install.yaml beside it name them. Needs skopeo, and a login there
# (`skopeo login {host}`). The digests stay as they are: the bills of materials and images.json name them, too.
set -eu
cd "$(dirname "$0")"
{lines}"""
_LINE = "skopeo copy --preserve-digests oci-archive:{archive} docker://{reference}\n"


def checked(registry: str) -> str:
    """Return a registry's name, with a path if it has one, as it stands in an image's name.

    Raises:
        ValueError: it is none: it has a scheme, capitals, or a slash at its end.
    """
    if not _REGISTRY.fullmatch(registry):
        raise ValueError(f"{registry!r} is no registry as an image's name begins with, such as registry.example/cams")
    return registry


def reference(registry: str, name: str, version: str) -> str:
    """Return the name of one of the product's images, as the chart has it."""
    return f"{registry}/frametrace-{name}:{version}"


def in_values(text: str, registry: str) -> str:
    """Return the chart's values.yaml with the registry as its default.

    Raises:
        LookupError: it has no such default.
    """
    return _replaced(text, f"\n  registry: {LOCAL}\n", f"\n  registry: {registry}\n")


def in_readme(text: str, registry: str) -> str:
    """Return the chart's README with the registry as the default that it tells.

    Raises:
        LookupError: it tells no such default.
    """
    return _replaced(text, f'| `images.registry` | `"{LOCAL}"` |', f'| `images.registry` | `"{registry}"` |')


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise LookupError(f"the chart says {old.strip()!r} {text.count(old)} times, not once")
    return text.replace(old, new)


def push_script(registry: str, version: str, archives: Mapping[str, str]) -> str:
    """Return a shell script that pushes the archives (image's name → file)."""
    lines = [
        _LINE.format(archive=file, reference=reference(registry, name, version)) for name, file in archives.items()
    ]
    return _PUSH.format(registry=registry, host=registry.partition("/")[0], lines="".join(lines))


def values_by_digest(registry: str, digests: Mapping[str, str]) -> str:
    """Return values of the chart, as JSON, that name the images by digest (image's name → digest): `helm install --values`."""
    images = {name: f"{registry}/frametrace-{name}@{digest}" for name, digest in digests.items()}
    return f"{json.dumps({'images': {'registry': registry, **images}}, indent=2)}\n"
