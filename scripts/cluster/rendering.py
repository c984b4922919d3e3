"""Renders the components' configuration from ``templates/``. Values are our own constants and paths; nothing foreign is filled in."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING

import jinja2

from scripts.cluster import pins
from scripts.cluster.certificates import CLIENTS, write_private
from scripts.cluster.paths import SOURCE

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["VOLUMES", "render", "render_kubeconfig", "write_kubeconfigs"]

# Static local volumes are made once; a claim takes one for the cluster's life.
VOLUMES = 8


@cache
def _environment() -> jinja2.Environment:
    # Configuration files, no HTML: escaping would corrupt them.
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(SOURCE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - see above
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def render(template: str, layout: Layout, **values: str | int) -> str:
    """Render one template with the pins, the layout and further values.

    Raises:
        jinja2.UndefinedError: The template asks for a value that is not given.
    """
    return _environment().get_template(f"{template}.j2").render(pins=pins, layout=layout, **values)


def render_kubeconfig(layout: Layout, client: str) -> str:
    """The kubeconfig of one client of `CLIENTS`, its certificate and key inside."""
    files = {"authority": "ca.crt", "certificate": f"{client}.crt", "key": f"{client}.key"}
    encoded = {key: base64.b64encode((layout.pki / name).read_bytes()).decode() for key, name in files.items()}
    return render("kubeconfig", layout, user=client, **encoded)


def write_kubeconfigs(layout: Layout) -> None:
    """Write a kubeconfig a client; the administrator's goes where people find it."""
    for client in CLIENTS:
        target = layout.kubeconfig if client == "admin" else layout.config / f"{client}.kubeconfig"
        write_private(target, render_kubeconfig(layout, client).encode())
