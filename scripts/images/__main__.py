"""Command line: ``python -m scripts.images build|load [operator] [runtime] [camera]``, ``report`` and ``lock [--check]``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from scripts.cluster.errors import ClusterError
from scripts.cluster.privileges import require_root
from scripts.images.build import BuiltImage, build, third_party
from scripts.images.build_lock import LOCK, build_lock
from scripts.images.catalogue import NAMES
from scripts.images.load import load as load_archive
from scripts.images.page import DATA, PAGE, measured, page
from scripts.supply.inventory import packages_of, read_for_packages
from scripts.supply.oci import read_image, read_tree

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Frametrace's images.")
_REPORTED = ("operator", "runtime")
_Names = Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(NAMES)}; all when left out.")]


@app.command("build")
def build_command(names: _Names = None) -> None:
    """Build images from this checkout; prints reference, size and archive of each."""
    for image in _built(names):
        print(f"{image.reference}  {image.megabytes:.0f} MB  {image.archive}")


@app.command("load")
def load_command(
    names: _Names = None,
    context: Annotated[
        str, typer.Option(envvar="CONTEXT", help="A kind or k3d cluster; the local one when left out.")
    ] = "",
) -> None:
    """Build images and load them into a cluster; prints the references."""
    try:
        archives = [image.archive for image in _built(names)] + ([] if names or not context else third_party())
        for archive in archives:
            print(load_archive(archive, context))
    except ClusterError as error:
        raise _failure(error) from error


@app.command()
def report() -> None:
    """Build the operator's and the runtime's image and write how large they are: docs/reference/images.md."""
    data = {}
    for name, image in zip(_REPORTED, _built(list(_REPORTED)), strict=True):
        packages = packages_of(read_tree(image.archive, read_for_packages))
        data[name] = measured(read_image(image.archive), packages)
    DATA.write_text(f"{json.dumps(data, indent=1)}\n", encoding="utf-8")
    PAGE.write_text(page(data), encoding="utf-8")


@app.command()
def lock(*, check: Annotated[bool, typer.Option("--check", help="Only tell whether it is current.")] = False) -> None:
    """Derive the pinned build tools of the images from requirements.lock."""
    if check and build_lock() != LOCK.read_text(encoding="utf-8"):
        typer.echo(
            "scripts/images/build.lock differs from requirements.lock: run python -m scripts.images lock", err=True
        )
        raise typer.Exit(1)
    if not check:
        LOCK.write_text(build_lock(), encoding="utf-8")


def _built(names: list[str] | None) -> list[BuiltImage]:
    try:
        require_root(["-m", "scripts.images", *sys.argv[1:]])
        return [build(name) for name in names or NAMES]
    except ClusterError as error:
        raise _failure(error) from error
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from error


def _failure(error: ClusterError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)


if __name__ == "__main__":
    app()
