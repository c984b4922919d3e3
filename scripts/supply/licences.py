"""The list of licences of what an image holds, as a page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.supply.inventory import Package

__all__ = ["licence_page"]

_HEAD = """# Licences of what the images hold

Frametrace itself is under Apache-2.0. Each package's own files say the whole: Debian's below `/usr/share/doc/`, Python's in
their `.dist-info` folders, both in the images. Of Debian packages whose copyright file has no fields, the common licences that
it refers to are named.
"""


def licence_page(images: Mapping[str, Sequence[Package]]) -> str:
    """Return the page: a table for each image, by its name."""
    return _HEAD + "".join(_table(name, packages) for name, packages in images.items())


def _table(name: str, packages: Sequence[Package]) -> str:
    rows = "".join(f"| {each.kind} | {each.name} | {each.version} | {_cell(each.licence)} |\n" for each in packages)
    return f"\n## {name}\n\n| from | package | version | licence |\n|---|---|---|---|\n{rows}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
