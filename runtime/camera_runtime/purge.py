"""Empties the directories of a managed Jaeger's volume before Jaeger starts: `python -m camera_runtime.purge DIR GENERATION`.

Jaeger has no way to clear its storage while it runs. The volume keeps the generation that it was cleared for last, so
that a restart of the pod clears nothing again. The mark is written last: a wipe that was broken off is made anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["main", "purge"]

_MARK: Final = "purge-generation"
_KEPT: Final = frozenset({_MARK, "lost+found"})


def purge(directory: Path, generation: str) -> bool:
    """Clear the directory unless it was cleared for this generation already; True if it was cleared now.

    Raises:
        OSError: if something in it cannot be deleted; the mark stays as it was.
    """
    mark = directory / _MARK
    if _read(mark) == generation:
        return False
    for entry in directory.iterdir():
        if entry.name not in _KEPT:
            _remove(entry)
    _write(mark, generation)
    return True


def _read(mark: Path) -> str:
    try:
        return mark.read_text()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _write(mark: Path, generation: str) -> None:
    new = mark.with_suffix(".new")
    with new.open("w") as file:
        file.write(generation)
        file.flush()
        os.fsync(file.fileno())
    new.replace(mark)


def main(arguments: Sequence[str] | None = None) -> int:
    """Clear a directory and say what was done; the exit code is 0 unless the system refused."""
    parser = argparse.ArgumentParser(prog="python -m camera_runtime.purge", description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("generation")
    given = parser.parse_args(arguments)
    cleared = purge(given.directory, given.generation)
    print(f"{given.directory}: {'cleared' if cleared else 'was cleared before'}, purge {given.generation}")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
