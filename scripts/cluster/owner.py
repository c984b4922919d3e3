"""Whose cluster the machine's one cluster is: the state folder that brought it up last."""

from __future__ import annotations

from pathlib import Path

from scripts.cluster.errors import ClusterError
from scripts.cluster.leftovers import clear
from scripts.cluster.ownership import owned_processes
from scripts.cluster.paths import Layout, machine_lock

__all__ = ["claim", "release"]


def _note() -> Path:
    return machine_lock().with_suffix(".owner")


def _previous() -> Layout | None:
    note = _note()
    return Layout(Path(note.read_text(encoding="utf-8").strip())) if note.exists() else None


def claim(layout: Layout) -> None:
    """Make this machine's one cluster ours; clear what a dead owner with another state folder left.

    Raises:
        ClusterError: Another state folder's cluster is up.
    """
    previous = _previous()
    if previous is not None and previous != layout:
        if owned_processes(previous):
            raise ClusterError(
                "claim the machine", f"a cluster is up in {previous.root}; take it down as its owner first (`down`)"
            )
        clear(previous)
    _note().write_text(str(layout.root), encoding="utf-8")


def release() -> None:
    """Note that the machine has no cluster."""
    _note().unlink(missing_ok=True)
