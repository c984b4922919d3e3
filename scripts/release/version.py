"""The version: it stands in the workspace's pyproject.toml, and is stamped into every other file that says it.

``python -m scripts.release.version`` stamps; with ``--check`` it only tells which files say another. Versions follow Semantic
Versioning: chart, operator, runtime and models are released together, under one number.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from scripts.reference.pages import keep

__all__ = ["ROOT", "current", "main", "stamped"]

ROOT = Path(__file__).resolve().parents[2]
_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-rc\.\d+)?")
_OWN = r'(?m)^(\s+"frametrace(?:-api)?)(?:==[^"]*)?(",)$'
#: File → what in it says the version, between two groups that stay.
_PLACES: dict[str, tuple[str, ...]] = {
    "crds/pyproject.toml": (r'(?m)^(version = ")[^"]*(")$',),
    "runtime/pyproject.toml": (r'(?m)^(version = ")[^"]*(")$', _OWN),
    "operator/pyproject.toml": (r'(?m)^(version = ")[^"]*(")$', _OWN),
    "charts/frametrace/Chart.yaml": (r"(?m)^(version: )\S+()$", r"(?m)^(appVersion: )\S+()$"),
    "scripts/images/operator.Containerfile": (r'(image\.version=")[^"]*(")',),
    "scripts/images/runtime.Containerfile": (r'(image\.version=")[^"]*(")',),
    "docs/how-to/install.md": (r"(?m)^(VERSION=)\d[\w.-]*()$",),
    "docs/how-to/own-stage.md": (r"(frametrace-runtime:)\d[\w.-]*()",),
}


def current(root: Path = ROOT) -> str:
    """Return the version of this checkout.

    Raises:
        ValueError: it is none of the form 1.2.3 or 1.2.3-rc.4.
    """
    whole = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    version = str(whole["project"]["version"])
    if not _NUMBER.fullmatch(version):
        raise ValueError(f"pyproject.toml: {version!r} is no version of the form 1.2.3 or 1.2.3-rc.4")
    return version


def stamped(root: Path = ROOT) -> dict[Path, str]:
    """Return what every file that says the version must contain.

    Raises:
        LookupError: one of them says it nowhere.
    """
    version = current(root)
    return {root / name: _with(version, root / name, patterns) for name, patterns in _PLACES.items()}


def _with(version: str, path: Path, patterns: tuple[str, ...]) -> str:
    text = path.read_text(encoding="utf-8")
    for pattern in patterns:
        said = f"=={version}" if pattern == _OWN else version
        text, count = re.subn(pattern, rf"\g<1>{said}\g<2>", text)
        if not count:
            raise LookupError(f"{path} says the version nowhere as {pattern}")
    return text


def main(arguments: list[str]) -> int:
    """Stamp the version into all files, or with ``--check`` tell which say another; returns the exit code."""
    return keep(stamped(), "scripts.release.version", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
