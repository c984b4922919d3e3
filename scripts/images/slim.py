"""Makes a folder of installed packages small and quick to start: run inside an image's build, standard library only.

Removes what no program reads at run time (test suites, headers, type stubs) and compiles the rest once, with checksums that
are not compared at start, so that the result depends on nothing but its input.
"""

from __future__ import annotations

import compileall
import csv
import py_compile
import shutil
import sys
from pathlib import Path

__all__ = ["compile_all", "forget_removed", "remove_unread"]

_FOLDERS = ("tests", "test", "__pycache__", "include")
_SUFFIXES = (".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp")


def remove_unread(packages: Path) -> int:
    """Remove what is not read at run time from ``packages`` (a site-packages folder); returns the bytes it freed."""
    freed = 0
    for folder in [path for path in packages.rglob("*") if path.is_dir() and path.name in _FOLDERS]:
        if folder.exists():
            freed += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            shutil.rmtree(folder)
    for file in [path for path in packages.rglob("*") if path.suffix in _SUFFIXES and path.is_file()]:
        freed += file.stat().st_size
        file.unlink()
    return freed


def forget_removed(packages: Path) -> int:
    """Take files that are there no more out of the lists of what each package installed; returns how many.

    Whoever looks for a vulnerable file by these lists would find what no image has.
    """
    forgotten = 0
    for record in packages.glob("*.dist-info/RECORD"):
        with record.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        kept = [row for row in rows if not row or ".." in row[0] or (packages / row[0]).exists()]
        with record.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(kept)
        forgotten += len(rows) - len(kept)
    return forgotten


def compile_all(packages: Path) -> None:
    """Compile every module of ``packages``.

    Raises:
        SystemExit: one does not compile.
    """
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(packages, quiet=1, workers=0, invalidation_mode=mode):
        raise SystemExit(f"some modules of {packages} do not compile")


def main() -> None:
    """Slim the folder of packages that the command line names."""
    packages = Path(sys.argv[1])
    print(f"{packages}: {remove_unread(packages) / 1e6:.1f} MB removed, {forget_removed(packages)} files forgotten")
    compile_all(packages)


if __name__ == "__main__":
    main()
