"""Reads an image's build context as buildah would: the files that an ignore file leaves in, and a hash of them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from scripts.cluster.digests import digest_of, digest_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["IgnoreRules", "context_digest", "ignore_file"]


def _pattern(text: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", text)
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    whole = "".join(special.get(one, one if one.startswith("[") else re.escape(one)) for one in pieces)
    return re.compile(f"{whole}(?:/.*)?")


class IgnoreRules:
    """The rules of a ``.containerignore``: the last that matches decides, ``!`` takes back in.

    Args:
        text: The file's text.
    """

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        rules = [line for line in lines if line and not line.startswith("#")]
        self._rules = [(not rule.startswith("!"), _pattern(rule.removeprefix("!").strip("/"))) for rule in rules]
        self._takes_back = any(not ignores for ignores, _ in self._rules)

    def ignores(self, path: str) -> bool:
        """Whether a file or folder, relative to the context with ``/``, is left out."""
        verdict = False
        for ignores, pattern in self._rules:
            if pattern.fullmatch(path):
                verdict = ignores
        return verdict

    def prunes(self, folder: str) -> bool:
        """Whether nothing below a folder can be in the context."""
        return not self._takes_back and self.ignores(folder)


def ignore_file(containerfile: Path, context: Path) -> Path | None:
    """The ignore file that goes with a build: beside the Containerfile under its name, else the context's own."""
    own = containerfile.with_name(f"{containerfile.name}.containerignore")
    candidates = [own, context / ".containerignore", context / ".dockerignore"]
    return next((path for path in candidates if path.is_file()), None)


def _files(context: Path, rules: IgnoreRules) -> Iterator[str]:
    for folder, names, files in os.walk(context):
        prefix = "" if folder == str(context) else f"{os.path.relpath(folder, context)}/"
        names[:] = sorted(name for name in names if not rules.prunes(prefix + name))
        yield from (prefix + name for name in sorted(files) if not rules.ignores(prefix + name))


def context_digest(context: Path, ignored: Path | None) -> str:
    """A hash of every file of the context: path, executable bit and content; links by their target."""
    rules = IgnoreRules(ignored.read_text(encoding="utf-8") if ignored else "")
    parts: list[str] = []
    for name in _files(context, rules):
        path = context / name
        content = f"-> {path.readlink()}" if path.is_symlink() else digest_of_file(path)
        parts += [name, "x" if os.access(path, os.X_OK) else "-", content]
    return digest_of(parts)
