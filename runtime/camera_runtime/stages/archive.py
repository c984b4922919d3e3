"""The built-in handler `archive`: keeps each frame's picture (JPEG) and metadata (JSON) as files.

Settings, in the stage's `env`: `ARCHIVE_DIRECTORY` (required); `ARCHIVE_MAX_FRAMES` and `ARCHIVE_MAX_MEGABYTES` bound
what is kept (by each replica), the oldest frames going first; `ARCHIVE_QUALITY` is the JPEG quality of raw pictures.

A frame's files are `<camera>/<day>/<frame ID>.jpg` and `.json`. Each appears whole or not at all, the JSON last, so that
who finds it finds the picture too. A frame that comes again replaces its own files.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.settings import InvalidSettingError, whole_number

__all__ = ["Archive", "ArchiveError"]

_MOST: Final = 10**9
_MEGABYTE: Final = 1_000_000


class ArchiveError(Exception):
    """A frame's files could not be written; the message says where and why."""


class Archive:
    """Writes frames below one directory.

    Args:
        environ: the stage's settings.

    Raises:
        InvalidSettingError: if there is no directory that can be written to, or a limit is no number.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._root = _directory(environ)
        self._most_frames = whole_number(environ, "ARCHIVE_MAX_FRAMES", (1, _MOST), 0)
        self._most_bytes = _MEGABYTE * whole_number(environ, "ARCHIVE_MAX_MEGABYTES", (1, _MOST), 0)
        self._encoder = PictureEncoder("JPEG", whole_number(environ, "ARCHIVE_QUALITY", (1, 100), 85))
        self._kept: dict[Path, int] = {}
        self._bytes = 0
        if self._most_frames or self._most_bytes:
            for path, size in _found(self._root):
                self._note(path, size)

    def __call__(self, frame: StageFrame) -> dict[str, Any]:
        """Write the frame's files; the results say where its picture is.

        Raises:
            ArchiveError: if they cannot be written (a full disk, a missing permission).
        """
        name = self._root / frame.camera / f"{frame.frame_id.time:%Y%m%d}" / frame.frame_id
        picture = (
            frame.picture if frame.metadata.encoding == "jpeg" else bytes(self._encoder.encode(frame.video()).data)
        )
        metadata = frame.metadata.to_json().encode()
        try:
            name.parent.mkdir(parents=True, exist_ok=True)
            _write(name.with_name(f"{name.name}.jpg"), picture)
            _write(name.with_name(f"{name.name}.json"), metadata)
        except OSError as error:
            raise ArchiveError(f"cannot write below {self._root}: {error.strerror}") from error
        if self._most_frames or self._most_bytes:
            self._note(name, len(picture) + len(metadata))
            self._make_room()
        return {"path": str(name.relative_to(self._root)) + ".jpg"}

    def _note(self, name: Path, size: int) -> None:
        self._bytes += size - self._kept.get(name, 0)
        self._kept[name] = size

    def _make_room(self) -> None:
        """Remove the oldest frames that are too much; the newest one stays."""
        while len(self._kept) > 1 and (0 < self._most_frames < len(self._kept) or 0 < self._most_bytes < self._bytes):
            name = next(iter(self._kept))
            self._bytes -= self._kept.pop(name)
            for ending in (".json", ".jpg"):
                name.with_name(name.name + ending).unlink(missing_ok=True)
            with suppress(OSError):  # it holds other frames still
                name.parent.rmdir()


def _directory(environ: Mapping[str, str]) -> Path:
    text = environ.get("ARCHIVE_DIRECTORY", "").strip()
    if not text:
        raise InvalidSettingError("set ARCHIVE_DIRECTORY in the stage's env to the directory that frames are kept in")
    root = Path(text)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSettingError(f"ARCHIVE_DIRECTORY {text!r} cannot be made: {error.strerror}") from None
    if not os.access(root, os.W_OK | os.X_OK):
        raise InvalidSettingError(f"ARCHIVE_DIRECTORY {text!r} cannot be written to by this user")
    return root


def _found(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield the frames of an earlier life, in the order of their time: a frame ID begins with it."""
    for path in sorted(root.glob("*/*/*.json"), key=lambda found: found.name):
        picture = path.with_suffix(".jpg")
        yield path.with_suffix(""), path.stat().st_size + (picture.stat().st_size if picture.exists() else 0)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it appears whole: under another name first, then by one rename."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
