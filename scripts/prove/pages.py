"""A page of the documentation as something to be followed: the files that it has one write, its commands, its programs.

Blocks of `sh` are commands. Those that name the operator's namespace are about the operator; of the others those with a line
that begins with `kubectl` need a cluster, and the rest does not. Blocks of `python` are programs; a block without a language right behind one is what it prints. Computes, but for `write_files`, `follow`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.prove.results import ROOT

__all__ = ["Page", "Program"]

_FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PRINTS = re.compile(r"^```python\n((?:(?!^```).)*)^```\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ON_CLUSTER = re.compile(r"^(\w+=\$\()?kubectl ", re.MULTILINE)
_OF_OPERATOR = "frametrace-system"
_COMMAND = re.compile(r"\$? ?(kubectl|frametrace|curl|make|helm|pip|python3?|scripts/|\.venv/|export|docker)\b")


@dataclass(frozen=True, slots=True)
class Program:
    """A program of a page, and what it prints by the page's word."""

    text: str
    prints: str


class Page:
    """A page of documentation.

    Attributes:
        text: the whole page.
        files: what it has one write, by name.
        programs: those of its Python blocks whose output it shows.
    """

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.files: dict[str, str] = dict(_FILE.findall(self.text))
        self.programs = [Program(*found) for found in _PRINTS.findall(self.text)]

    @classmethod
    def of(cls, name: str) -> Page:
        """Return a page by its name below docs/."""
        return cls(ROOT / "docs" / name)

    def blocks(self, language: str) -> list[str]:
        """Return the blocks of a language, in order."""
        return [text for found, text in _BLOCK.findall(self.text) if found == language]

    @property
    def local(self) -> list[str]:
        """Commands for which no cluster is needed."""
        return [text for text in self.blocks("sh") if not _ON_CLUSTER.search(text) and _OF_OPERATOR not in text]

    @property
    def cluster(self) -> list[str]:
        """Commands for a cluster."""
        return [text for text in self.blocks("sh") if _ON_CLUSTER.search(text) and _OF_OPERATOR not in text]

    def about_the_operator(self, namespace: str) -> list[str]:
        """Commands for a cluster that are about the operator, with its namespace in place of the usual one."""
        return [text.replace(_OF_OPERATOR, namespace) for text in self.blocks("sh") if _OF_OPERATOR in text]

    @property
    def never_run(self) -> list[str]:
        """Lines that look like commands and stand in blocks that nobody follows: those of another language, or of none."""
        others = [text for language, text in _BLOCK.findall(self.text) if language not in ("sh", "python")]
        return [line for text in others for line in text.splitlines() if _COMMAND.match(line)]

    def write_files(self, folder: Path) -> None:
        """Write the files that the page has one write into a folder."""
        for name, content in self.files.items():
            (folder / name).write_text(content, encoding="utf-8")

    def follow(
        self, folder: Path, commands: Sequence[str], *, seconds: float = 180, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Type commands into one shell, in a folder that has the page's files and looks like a checkout.

        Raises:
            ValueError: if there are none.
            subprocess.TimeoutExpired: if they take longer.
        """
        if not commands:
            raise ValueError("the page has no such commands")
        self.write_files(folder)
        for name in ("charts", "docs", "scripts"):
            if not (folder / name).exists():
                (folder / name).symlink_to(ROOT / name)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
            cwd=folder,
            env={**os.environ, "PATH": path, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
