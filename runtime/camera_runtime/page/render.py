"""Pages as HTML. Everything that comes from elsewhere is escaped, and nothing is loaded from elsewhere nor run. Pure."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

from frame_tracking.terminal_text import clean
from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["HEADERS", "asset", "html"]

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = (
    ("Content-Security-Policy", _POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)
"""What every answer carries."""


def html(template: str, **values: Any) -> bytes:
    """Fill a template of this package."""
    return _environment().get_template(f"{template}.html.j2").render(values).encode("utf-8", "replace")


@cache
def asset(name: str) -> bytes:
    """Return a file that pages load."""
    return files("camera_runtime.page").joinpath("assets", name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("camera_runtime.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters |= {"ms": _milliseconds}
    return environment


def _printable(value: Any) -> Any:
    """Write out control characters and changes of direction; markup that is ours is left as it is."""
    return clean(value) if type(value) is str else value


def _milliseconds(value: float) -> str:
    """Write milliseconds for people."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"  # noqa: PLR2004 - from here on tenths say nothing
