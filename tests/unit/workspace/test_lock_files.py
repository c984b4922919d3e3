"""The lock files pin all that is declared, by hash, name no index, and agree with one another."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("requirements.lock", "runtime/requirements.lock", "operator/requirements.lock", "scripts/images/build.lock")
PROJECTS = ("pyproject.toml", "crds/pyproject.toml", "runtime/pyproject.toml", "operator/pyproject.toml")
_LINE = re.compile(r"[a-z0-9-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def declared(project: str) -> Iterator[Requirement]:
    """What a pyproject.toml asks for of others."""
    whole = tomllib.loads((ROOT / project).read_text(encoding="utf-8"))
    lists = [whole["project"].get("dependencies", []), *whole["project"].get("optional-dependencies", {}).values()]
    for text in [text for each in [*lists, *whole.get("dependency-groups", {}).values()] for text in each]:
        requirement = Requirement(text)
        if not requirement.name.startswith("frametrace"):
            yield requirement


def _within(requirement: Requirement, version: str | None) -> bool:
    return version is not None and requirement.specifier.contains(version, prereleases=True)


@pytest.mark.parametrize("lock", [*LOCKS, "scripts/supply/audit.lock"])
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not _LINE.fullmatch(line)] == []
    assert len(pins(lock)) > 5


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_images_install_what_the_workspace_is_tested_with(lock: str) -> None:
    whole = pins(LOCKS[0])

    assert {name: version for name, version in pins(lock).items() if whole.get(name) != version} == {}


@pytest.mark.parametrize("project", PROJECTS)
def test_all_that_is_declared_is_locked_within_its_bounds(project: str) -> None:
    whole = pins(LOCKS[0])

    outside = [
        str(requirement)
        for requirement in declared(project)
        if not _within(requirement, whole.get(canonicalize_name(requirement.name)))
    ]
    assert outside == [], "run: make lock"
