"""Shared libraries that wheels bring in their `NAME.libs` folder: which licence each is under, and what FFmpeg says of itself. Pure.

auditwheel puts them there under their own names, with a part of their hash. Nothing in a wheel says their licences, so they are
listed here, from the projects' own pages; a test fails for a library that is not.
"""

from __future__ import annotations

import re

__all__ = ["FFMPEG", "LICENCES", "ffmpeg_licence", "ffmpeg_version", "name_and_version"]

#: FFmpeg's own libraries: their licence depends on how they were built, and they tell it.
FFMPEG = frozenset(
    {"libavcodec", "libavdevice", "libavfilter", "libavformat", "libavutil", "libswresample", "libswscale"}
)
_GPL = "GPL-2.0-or-later"
_GNU_EITHER = "LGPL-3.0-or-later OR GPL-2.0-or-later"
LICENCES = {
    "libSvtAv1Enc": "BSD-3-Clause-Clear",
    "libXau": "MIT",
    "libasound": "LGPL-2.1-or-later",
    "libdav1d": "BSD-2-Clause",
    "libdrm": "MIT",
    "libgfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgmp": _GNU_EITHER,
    "libgnutls": "LGPL-2.1-or-later",
    "libhogweed": _GNU_EITHER,
    "libmp3lame": "LGPL-2.0-or-later",
    "libnettle": _GNU_EITHER,
    "libopencore-amrnb": "Apache-2.0",
    "libopencore-amrwb": "Apache-2.0",
    "libopus": "BSD-3-Clause",
    "libquadmath": "LGPL-2.1-or-later",
    "libscipy_openblas64_": "BSD-3-Clause",
    "libsharpyuv": "BSD-3-Clause",
    "libunistring": _GNU_EITHER,
    "libvpl": "MIT",
    "libvpx": "BSD-3-Clause",
    "libwebp": "BSD-3-Clause",
    "libwebpmux": "BSD-3-Clause",
    "libx264": _GPL,
    "libx265": _GPL,
    "libxcb": "MIT",
    "libxcb-shape": "MIT",
    "libxcb-shm": "MIT",
    "libxcb-xfixes": "MIT",
}
_NAME = re.compile(r"(?P<name>.+?)(?:-[0-9a-f]{8})*\.so(?:\.(?P<version>[\d.]+))?")
_VERSION = re.compile(rb"FFmpeg version (\d[\w.]*)")
_SAYS = re.compile(rb"license: (L?GPL) version (\d+(?:\.\d+)?) or later")


def name_and_version(file: str) -> tuple[str, str]:
    """Return a library's name, and the version of its interface (empty if its file's name has none).

    Raises:
        ValueError: the file's name is none of a shared library.
    """
    found = _NAME.fullmatch(file)
    if found is None:
        raise ValueError(f"{file} is not named as a shared library is")
    return found["name"], found["version"] or ""


def ffmpeg_version(content: bytes) -> str:
    """Return FFmpeg's version as one of its libraries tells it; empty if it does not."""
    found = _VERSION.search(content)
    return found[1].decode().rstrip(".") if found else ""


def ffmpeg_licence(content: bytes) -> str:
    """Return the licence that one of FFmpeg's libraries says it was built under, as SPDX has it; empty if it says none."""
    found = _SAYS.search(content)
    if not found:
        return ""
    number = found[2].decode()
    return f"{found[1].decode()}-{number if '.' in number else f'{number}.0'}-or-later"
