"""The build tools that the images' wheels are made with, pinned by hash: a part of the workspace's requirements.lock."""

from __future__ import annotations

import re

from scripts.images.catalogue import ROOT

__all__ = ["LOCK", "build_lock"]

LOCK = ROOT / "scripts" / "images" / "build.lock"
#: hatchling and what it needs.
_TOOLS = ("hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers")


def build_lock() -> str:
    """Return what ``build.lock`` must contain.

    Raises:
        LookupError: requirements.lock lacks one of the tools.
    """
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {entry.split("==")[0]: entry for entry in re.split(r"\n(?=\S)", text.strip())}
    missing = [tool for tool in _TOOLS if tool not in pinned]
    if missing:
        raise LookupError(f"requirements.lock does not pin {', '.join(missing)}")
    return "".join(f"{pinned[tool]}\n" for tool in _TOOLS)
