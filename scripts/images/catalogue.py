"""Which images there are, what each is made of, and the name that its content gives it.

A tag is a hash of everything that goes into the image, so a cluster never runs a stale one. Builds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.cluster.context import context_digest, ignore_file
from scripts.cluster.digests import digest_of

__all__ = ["NAMES", "ROOT", "Recipe", "recipe"]

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("operator", "runtime", "camera")


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image to build: its Containerfile, the folder that it copies from, and a hash of what it takes from there."""

    name: str
    containerfile: Path
    context: Path
    content: str

    def tag(self, base: str) -> str:
        """Return the full name of the image when it is built on ``base``."""
        key = digest_of([self.containerfile.read_bytes(), self.content, base])
        return f"localhost/frametrace-{self.name}:{key}"


def recipe(name: str, context: Path = ROOT) -> Recipe:
    """Return the recipe of one of ``NAMES``.

    Raises:
        KeyError: there is no image of this name.
    """
    if name not in NAMES:
        raise KeyError(f"no image is named {name!r}; there are: {', '.join(NAMES)}")
    containerfile = Path(__file__).with_name(f"{name}.Containerfile")
    return Recipe(name, containerfile, context, context_digest(context, ignore_file(containerfile, context)))
