"""Writes a release: ``python -m scripts.release`` fills dist/."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from scripts.cluster.build import ensure_binaries
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root
from scripts.cluster.privileges import require_root
from scripts.release.artifacts import write_chart, write_images, write_sums, write_wheels
from scripts.release.manifest import write_manifest
from scripts.release.version import ROOT, current

__all__ = ["app"]

DIST = ROOT / "dist"
app = typer.Typer(add_completion=False, help="Frametrace's releases.")


@app.command()
def make(folder: Annotated[Path, typer.Option(help="Where all of it goes; emptied first.")] = DIST) -> None:
    """Write wheels, images, bills of materials, licences, chart, install.yaml and checksums."""
    version, logs = current(), cache_root() / "logs"
    try:
        require_root(["-m", "scripts.release", *sys.argv[1:]])
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        ensure_binaries()
        write_wheels(folder, logs)
        write_chart(folder, version, logs)
        write_manifest(folder, version)
        write_images(folder, version)
    except ClusterError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print(write_sums(folder).read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    app()
