"""How two builds of one image differ: nothing, or exactly these files. Reads their archives."""

from __future__ import annotations

from pathlib import Path

from scripts.supply.oci import Entry, open_layer, read_image, read_tree

__all__ = ["differences"]

_MOST, _LONGEST = 20, 120


def differences(one: Path, other: Path) -> list[str]:
    """Return what differs, at most 20 files and the configuration; empty if both have the same digest."""
    first, second = read_image(one), read_image(other)
    if first.digest == second.digest:
        return []
    found = [
        f"configuration: {key}: {str(first.config.get(key))[:_LONGEST]} or {str(second.config.get(key))[:_LONGEST]}"
        for key in sorted(first.config.keys() | second.config.keys())
        if key != "rootfs" and first.config.get(key) != second.config.get(key)
    ]
    trees = [read_tree(archive, lambda _path: True) for archive in (one, other)]
    paths = sorted(path for path in trees[0].keys() | trees[1].keys() if trees[0].get(path) != trees[1].get(path))
    found += [f"{path}: {_how(trees[0].get(path), trees[1].get(path))}" for path in paths[:_MOST]]
    found += [f"and {len(paths) - _MOST} more files"] if len(paths) > _MOST else []
    return found or [_order(one, other)]


def _how(one: Entry | None, other: Entry | None) -> str:
    if one is None or other is None:
        return "only in one of them"
    return "content" if one.about == other.about else f"{one.about} or {other.about}"


def _order(one: Path, other: Path) -> str:
    """The files are equal: their order in a layer, or how it is packed, is not."""
    for first, second in zip(read_image(one).layers, read_image(other).layers, strict=True):
        if first.content != second.content:
            with open_layer(one, first) as left, open_layer(other, second) as right:
                pairs = zip(left.getnames(), right.getnames(), strict=False)
                at = next((f"{a} or {b}" for a, b in pairs if a != b), "nowhere: the archives' own fields differ")
            return f"order of files in a layer, first at {at}"
    return "how layers are packed"
