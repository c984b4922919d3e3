"""What a distribution imports of others it asks for by name: what comes by chance, through another, may stay away tomorrow."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
_OWN = {
    "frametrace_api": "frametrace-api",
    "frame_tracking": "frametrace",
    "telemetry": "frametrace",
    "camera_runtime": "frametrace",
    "frametrace_operator": "frametrace-operator",
}
#: The generator of the definition is run from a checkout; the wheel itself does without.
_EXCUSED = {("crds", "pyyaml")}


def _modules(path: Path) -> Iterator[str]:
    """Absolute names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _owners() -> dict[str, set[str]]:
    """Top-level package → the distributions that have a part of it."""
    return {name: set(owners) for name, owners in packages_distributions().items()}


@cache
def _installed() -> dict[str, str]:
    """Module → distribution, of namespaces that several distributions share."""
    shared = {name for name, owners in _owners().items() if len(owners) > 1}
    found = {}
    for each in distributions():
        for file in each.files or ():
            if file.suffix == ".py" and file.parts[0] in shared:
                found[".".join(file.with_suffix("").parts).removesuffix(".__init__")] = each.name
    return found


@cache
def _owner(module: str) -> str | None:
    """The distribution that a module is of; None of the standard library's."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return None
    if top in _OWN:
        return _OWN[top]
    owners = _owners()[top]
    while len(owners) > 1:  # from `a.b.Name` up to the module `a.b`
        if module in _installed():
            owners = {_installed()[module]}
        module = module.rpartition(".")[0]
        assert module, "nobody has it"
    return canonicalize_name(next(iter(owners)))


def _declared(project: str) -> set[str]:
    whole = tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [whole["dependencies"], *whole.get("optional-dependencies", {}).values()]
    return {canonicalize_name(Requirement(text).name) for each in lists for text in each} | {whole["name"]}


@pytest.mark.parametrize("project", ["crds", "runtime", "operator"])
def test_what_is_imported_is_declared(project: str) -> None:
    files = [path for path in (ROOT / project).rglob("*.py") if path.relative_to(ROOT / project).parts[0] in _OWN]
    imported = {owner for path in files for module in _modules(path) if (owner := _owner(module))}

    missing = {name for name in imported - _declared(project) if (project, name) not in _EXCUSED}

    assert len(imported) >= 2
    assert missing == set(), f"name them in {project}/pyproject.toml, and run: make lock"
