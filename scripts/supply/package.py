"""What an image holds, one piece of it: a package of Debian or Python, or a library that such a package brings with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOT_STATED", "Package"]

NOT_STATED = "not stated in a form that a program reads"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """An installed package, or a part of one.

    Attributes:
        kind: as a package URL has it: `deb`, `pypi`; of a part also `generic`, or what the wheel's own bill says (`cargo`, `rpm`).
        licence: its licence, or NOT_STATED.
        source: of a Debian package: the source package that it is built from.
        distribution: of a Debian package: such as `debian-12`.
        architecture: of a Debian package.
        part_of: of a part: the Python package whose wheel brings it.
        url: of a part that the wheel's own bill lists: its package URL there.
        file: of a shared library: its path in the image.
        sha256: of that file.
    """

    kind: str
    name: str
    version: str
    licence: str
    source: str = ""
    distribution: str = ""
    architecture: str = ""
    part_of: str = ""
    url: str = ""
    file: str = ""
    sha256: str = ""
