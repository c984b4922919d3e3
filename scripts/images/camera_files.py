"""Copies what the simulated camera needs of GStreamer out of a full Debian installation: run inside its image's build.

Debian's RTSP server depends on packages of half a gigabyte (video drivers, codecs, LLVM); the camera uses five plug-ins.
Standard library only.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = ["collect", "libraries_of"]

_LIBRARIES = Path("/usr/lib") / str(sysconfig.get_config_var("MULTIARCH"))
_PLUGINS = ("app", "coreelements", "rtp", "rtpmanager", "tcp", "udp")
_GI = Path("/usr/lib/python3/dist-packages/gi")


def libraries_of(objects: list[Path]) -> set[Path]:
    """Return the shared libraries, by the names under which they are looked for, that ``objects`` need in turn."""
    listing = subprocess.run(["ldd", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    return {Path(found) for found in re.findall(r"=> (/\S+)", listing)}


def collect(target: Path, present: set[str]) -> None:
    """Copy plug-ins, type descriptions, Python binding and every library that is not ``present`` in the base image."""
    plugins = [_LIBRARIES / "gstreamer-1.0" / f"libgst{name}.so" for name in _PLUGINS]
    roots = [*plugins, *_GI.glob("*.so"), *_LIBRARIES.glob("libgstrtspserver-1.0.so.0")]
    typelibs = list((_LIBRARIES / "girepository-1.0").glob("*.typelib"))
    for file in [*roots, *typelibs, *libraries_of(roots)]:
        if file.name not in present and _GI not in file.parents:
            place = (
                target / "usr" / "lib" / _LIBRARIES.name / (file.parent.name if file in {*plugins, *typelibs} else "")
            )
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place / file.name)
    shutil.copytree(_GI, target / "camera" / "gi", ignore=shutil.ignore_patterns("__pycache__"))


if __name__ == "__main__":
    collect(Path(sys.argv[1]), {Path(line).name for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()})
