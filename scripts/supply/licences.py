"""The list of licences of what an image holds, as a page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.supply.package import Package

__all__ = ["licence_page"]

_HEAD = """# Licences of what the images hold

Frametrace itself is under Apache-2.0. Each package's own files say the whole: Debian's below `/usr/share/doc/`, Python's in
their `.dist-info` folders, both in the images. Of Debian packages whose copyright file has no fields, the common licences that
it refers to are named. Libraries that a wheel brings are listed with the package that brings them; of what a wheel compiled into its
own modules, those that its own bill of materials names.
"""
_FFMPEG = """
**{image} holds FFmpeg {version} under {licence}**, in the wheel of {owner}. FFmpeg's libraries call themselves {says}; they are
linked with x264 and x265, which are GPL-2.0-or-later. Frametrace's own code stays under Apache-2.0, which allows that. Who passes
the image on passes FFmpeg, x264 and x265 on: with the licences' texts (`/usr/share/common-licenses/` in
the image), and with their source or an offer of it. How {owner}'s
wheels are built, and from which sources, is in PyAV-Org/pyav-ffmpeg on GitHub.
"""


def licence_page(images: Mapping[str, Sequence[Package]]) -> str:
    """Return the page: a table for each image, by its name."""
    return _HEAD + "".join(_table(name, packages) for name, packages in images.items())


def _table(name: str, packages: Sequence[Package]) -> str:
    rows = "".join(f"| {each.kind} | {_named(each)} | {each.version} | {_cell(each.licence)} |\n" for each in packages)
    return (
        f"\n## {name}\n{_of_ffmpeg(name, packages)}\n| from | package | version | licence |\n|---|---|---|---|\n{rows}"
    )


def _named(package: Package) -> str:
    return f"{package.name} (in {package.part_of})" if package.part_of else package.name


def _of_ffmpeg(image: str, packages: Sequence[Package]) -> str:
    """What must be known of an image with FFmpeg under the GPL, in words."""
    return "".join(
        _FFMPEG.format(
            image=image, version=each.version, licence=each.licence, owner=each.part_of, says=_says(packages)
        )
        for each in packages
        if each.name == "ffmpeg" and each.licence.startswith("GPL-")
    )


def _says(packages: Sequence[Package]) -> str:
    return next((each.licence for each in packages if each.name == "libavcodec"), "nothing of it")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
