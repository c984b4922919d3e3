"""Writes a release: ``python -m scripts.release`` fills dist/."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scripts.cluster.build import ensure_binaries
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root
from scripts.cluster.privileges import require_root
from scripts.release.registry import LOCAL, checked
from scripts.release.version import ROOT, current
from scripts.release.whole import write_release

__all__ = ["app"]

DIST = ROOT / "dist"
_NOWHERE = f"""
Images are called {LOCAL}/…: no node can pull them. For a release that others install, name the registry that they will be pushed to:
make release REGISTRY=registry.example/cams"""
app = typer.Typer(add_completion=False, help="Frametrace's releases.")


@app.command()
def make(
    folder: Annotated[Path, typer.Option(help="Where all of it goes; an earlier release there is removed.")] = DIST,
    registry: Annotated[
        str, typer.Option(help="Where images will be pulled from, such as registry.example/cams.")
    ] = LOCAL,
) -> None:
    """Write wheels, images, bills of materials, licences, chart, install.yaml and checksums."""
    try:
        checked(registry)
        require_root(["-m", "scripts.release", *sys.argv[1:]])
        ensure_binaries()
        sums = write_release(folder, current(), cache_root() / "logs", registry)
    except (ClusterError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print(sums.read_text(encoding="utf-8"), end="")
    if registry == LOCAL:
        print(_NOWHERE)


if __name__ == "__main__":
    app()
