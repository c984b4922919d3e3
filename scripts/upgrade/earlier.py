"""Version 0.1.0 as it was: its tree out of git, and its images. There is no registry to take them from, so they are built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from scripts.cluster.buildah import build_image
from scripts.cluster.containerd import load
from scripts.cluster.context import context_digest, ignore_file
from scripts.cluster.errors import ClusterError
from scripts.cluster.images import base_image
from scripts.cluster.paths import cache_root
from scripts.release.version import ROOT

__all__ = ["COMMIT", "VERSION", "earlier_tree", "load_earlier_image"]

VERSION = "0.1.0"
#: The last commit with 0.1.0's chart, resource definition and images.
COMMIT = "ae39249"
_STEP = f"take version {VERSION} out of git"


def earlier_tree(root: Path = ROOT) -> Path:
    """Return a folder with the files of version 0.1.0.

    Raises:
        ClusterError: the history does not have it, as in a shallow clone.
    """
    folder = cache_root() / "contexts" / f"frametrace-{VERSION}-{COMMIT}"
    if folder.exists():
        return folder
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"], cwd=root, capture_output=True, check=False
    )
    if known.returncode:
        raise ClusterError(_STEP, f"commit {COMMIT} is not in this clone's history: run git fetch --unshallow")
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    packed = unfinished / "tree.tar"
    subprocess.run(["git", "archive", "--output", str(packed), COMMIT], cwd=root, check=True)
    subprocess.run(["tar", "--extract", "--file", str(packed), "--directory", str(unfinished)], check=True)
    packed.unlink()
    unfinished.rename(folder)
    return folder


def load_earlier_image(name: str) -> str:
    """Build the operator's or the runtime's image of version 0.1.0, unless it was, and load it into the local cluster.

    Raises:
        ClusterError: the history does not have the version, a build failed, or the cluster is down.
    """
    tree = earlier_tree()
    containerfile = tree / "scripts" / "images" / f"{name}.Containerfile"
    content = context_digest(tree, ignore_file(containerfile, tree))
    tag = f"localhost/frametrace-{name}-earlier:{VERSION}"
    return load(build_image(containerfile, tree, tag, {"BASE": base_image()}, key=content))
