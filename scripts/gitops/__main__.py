"""Writes the snippet for `argocd-cm`: ``python -m scripts.gitops``; ``--check`` only compares."""

from __future__ import annotations

import sys

from scripts.gitops.snippet import SNIPPET, snippet

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` tell whether it is current; returns the exit code."""
    if "--check" not in arguments:
        SNIPPET.write_text(snippet(), encoding="utf-8")
        return 0
    if SNIPPET.exists() and SNIPPET.read_text(encoding="utf-8") == snippet():
        return 0
    print(f"{SNIPPET} differs from its Lua: run python -m scripts.gitops", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
